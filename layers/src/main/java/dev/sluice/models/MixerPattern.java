package dev.sluice.models;

import java.util.ArrayList;
import java.util.List;

/// Which mixer stands in which layer: names with counts, repeated over the layers.
/// `gla*3,attention` is three layers of one and one of the other, and again.
///
/// @param text what was written
/// @param period names of one repetition
public record MixerPattern(String text, List<String> period) {
  private static final int MOST = 1000;

  /// Reads a pattern: `NAME` or `NAME*COUNT`, separated by commas.
  ///
  /// @throws ModelException if it is not one or a name is unknown
  public static MixerPattern parse(String text) {
    List<String> period = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      int star = part.indexOf('*');
      String name = (star < 0 ? part : part.substring(0, star)).strip();
      if (name.isEmpty()) {
        throw wrong(text, "a name is missing; write it like gla*3,attention");
      }
      ModelTypes.checkMixer(name);
      int count = star < 0 ? 1 : count(text, part.substring(star + 1).strip());
      for (int i = 0; i < count; i++) {
        period.add(name);
      }
    }
    return new MixerPattern(text, List.copyOf(period));
  }

  private static int count(String text, String digits) {
    try {
      int count = Integer.parseInt(digits);
      if (count >= 1 && count <= MOST) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw wrong(text, "'%s' is not a count; write it like gla*3,attention".formatted(digits));
    }
    throw wrong(text, "a count of %s is not from 1 to %d".formatted(digits, MOST));
  }

  private static ModelException wrong(String text, String why) {
    return new ModelException("mixer pattern '%s': %s".formatted(text, why));
  }

  /// The mixers of `layers` layers.
  ///
  /// @throws ModelException if there are fewer layers than the pattern has
  public List<MixerConfig> mixers(MixerSizes sizes, int layers) {
    if (layers < period.size()) {
      throw wrong(text, "it is %d layers long, the model only %d".formatted(period.size(), layers));
    }
    List<MixerConfig> mixers = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      mixers.add(ModelTypes.preset(period.get(layer % period.size()), sizes));
    }
    return mixers;
  }
}
