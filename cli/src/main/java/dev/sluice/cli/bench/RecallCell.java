package dev.sluice.cli.bench;

import dev.sluice.data.MqarOptions;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// One training run of the recall table, named by everything that decides its outcome.
///
/// @param mixer what mixes along time
/// @param width of the model
/// @param length tokens of an example
/// @param pairs key-value pairs of an example
/// @param setup what all runs of a table have in common, but for the learning rate
record RecallCell(String mixer, int width, int length, int pairs, Setup setup) {
  /// What all runs of a table have in common, but for the learning rate.
  ///
  /// @param vocabulary keys and values
  /// @param layers blocks
  /// @param heads where the mixer has any
  /// @param batch examples of a step
  /// @param steps optimizer steps
  /// @param rate peak learning rate
  /// @param seed of parameters and data
  record Setup(
      int vocabulary, int layers, int heads, int batch, long steps, double rate, long seed) {}

  /// The task.
  MqarOptions task() {
    return new MqarOptions(setup.vocabulary(), length, pairs);
  }

  /// What tells it from every other run.
  SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("mixer", mixer);
    map.put("width", width);
    map.put("length", length);
    map.put("pairs", pairs);
    map.put("vocab", setup.vocabulary());
    map.put("layers", setup.layers());
    map.put("heads", setup.heads());
    map.put("batch", setup.batch());
    map.put("steps", setup.steps());
    map.put("lr", setup.rate());
    map.put("seed", setup.seed());
    return map;
  }

  @Override
  public String toString() {
    return "%s, width %d, length %d, %d pairs, rate %s"
        .formatted(mixer, width, length, pairs, setup.rate());
  }
}
