package dev.sluice.models;

import dev.sluice.tasks.names.NearestName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// The kinds of models that there are. A new one is a [MixerConfig] with its [ModelType], and a
/// line here.
public final class ModelTypes {
  private static final List<ModelType> ALL =
      List.of(
          GlaConfig.TYPE,
          GatedDeltaNetConfig.TYPE,
          DeltaNetConfig.TYPE,
          RetentionConfig.TYPE,
          LinearAttentionConfig.TYPE,
          HgrnConfig.TYPE,
          Hgrn2Config.TYPE,
          AttentionConfig.TYPE,
          MambaConfig.TYPE,
          Mamba2Config.TYPE,
          GnConvConfig.TYPE,
          BaseConvConfig.TYPE);

  private static final SequencedMap<String, Function<MixerSizes, MixerConfig>> PRESETS = presets();

  private ModelTypes() {}

  private static SequencedMap<String, Function<MixerSizes, MixerConfig>> presets() {
    SequencedMap<String, Function<MixerSizes, MixerConfig>> presets = new LinkedHashMap<>();
    ALL.forEach(type -> presets.put(type.mixer(), type.preset()));
    presets.put("gated_attention", AttentionConfig::gated);
    return presets;
  }

  /// All of them.
  public static List<ModelType> all() {
    return ALL;
  }

  /// The names of the mixers, as patterns have them: those of all types, and variants.
  public static List<String> mixers() {
    return List.copyOf(PRESETS.keySet());
  }

  /// Checks that there is a mixer of this name, or a type of models.
  ///
  /// @throws ModelException if there is none; it names the nearest
  public static void checkMixer(String name) {
    presetOf(name);
  }

  /// The mixer of this name, or of the models of this type, for chosen sizes.
  ///
  /// @throws ModelException if there is none (it names the nearest), or if the sizes do not go
  ///   together
  public static MixerConfig preset(String name, MixerSizes sizes) {
    Function<MixerSizes, MixerConfig> preset = presetOf(name);
    try {
      MixerConfig mixer = preset.apply(sizes);
      mixer.check(sizes.width());
      return mixer;
    } catch (ModelException e) {
      throw new ModelException(
          "mixer '%s' with a width of %d and %d heads: %s"
              .formatted(name, sizes.width(), sizes.heads(), e.getMessage()));
    }
  }

  private static Function<MixerSizes, MixerConfig> presetOf(String name) {
    Function<MixerSizes, MixerConfig> preset = PRESETS.get(name);
    if (preset != null) {
      return preset;
    }
    return ALL.stream()
        .filter(type -> type.name().equals(name))
        .findFirst()
        .map(ModelType::preset)
        .orElseThrow(() ->
            new ModelException(
                "mixer '%s' is unknown%s"
                    .formatted(name, NearestName.hint(name, PRESETS.keySet()))));
  }

  /// The values of `model_type` that are known.
  public static List<String> names() {
    return Stream.concat(ALL.stream().map(ModelType::name), Stream.of(Hybrid.TYPE)).toList();
  }

  /// The type with this `model_type`.
  ///
  /// @throws ModelException if there is none
  public static ModelType named(String name) {
    return required(name, "model type", ModelType::name);
  }

  /// The type whose mixer has this name.
  ///
  /// @throws ModelException if there is none
  public static ModelType ofMixer(String name) {
    return required(name, "mixer", ModelType::mixer);
  }

  private static ModelType required(String name, String what, Function<ModelType, String> nameOf) {
    return ALL.stream()
        .filter(type -> nameOf.apply(type).equals(name))
        .findFirst()
        .orElseThrow(() ->
            new ModelException(
                "%s '%s' is unknown%s"
                    .formatted(
                        what, name, NearestName.hint(name, ALL.stream().map(nameOf).toList()))));
  }
}
