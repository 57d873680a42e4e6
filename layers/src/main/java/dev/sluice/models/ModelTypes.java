package dev.sluice.models;

import dev.sluice.tasks.names.NearestName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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

  private ModelTypes() {}

  /// All of them.
  public static List<ModelType> all() {
    return ALL;
  }

  /// The names of the mixers, as patterns have them.
  public static List<String> mixers() {
    return ALL.stream().map(ModelType::mixer).toList();
  }

  /// The values of `model_type`.
  public static List<String> names() {
    return ALL.stream().map(ModelType::name).toList();
  }

  /// The type with this `model_type`, if there is one.
  public static Optional<ModelType> find(String name) {
    return ALL.stream().filter(type -> type.name().equals(name)).findFirst();
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
