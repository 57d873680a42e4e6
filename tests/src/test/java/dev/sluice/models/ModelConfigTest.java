package dev.sluice.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.layers.Activation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Configurations of every kind of model: written and read, and what is refused.
class ModelConfigTest {
  static List<ModelType> types() {
    return ModelTypes.all();
  }

  static List<String> mixers() {
    return ModelTypes.mixers();
  }

  private static ModelConfig small(ModelType type) {
    return SmallModels.of(type.mixer(), 11, 16, 2, 0.1);
  }

  @ParameterizedTest
  @MethodSource("types")
  void whatIsWrittenIsReadAgain(ModelType type) {
    ModelConfig config = small(type);
    assertEquals(config, ModelConfig.from(config.toMap(), config.toOwnMap()));
    ModelConfig tied = SmallModels.tied(config);
    assertEquals(tied, ModelConfig.from(tied.toMap(), tied.toOwnMap()));
  }

  @ParameterizedTest
  @MethodSource("types")
  void emptyConfigurationHasTheDefaultsOfTheType(ModelType type) {
    ModelConfig config = ModelConfig.from(Map.of("model_type", type.name()));
    assertEquals(2048, config.width());
    assertEquals(type.defaults().layers(), config.layers());
    assertEquals(type.defaults().eps(), config.eps());
    assertEquals(config, ModelConfig.from(config.toMap(), config.toOwnMap()));
  }

  @ParameterizedTest
  @MethodSource("types")
  void unknownKeyIsRefusedWithTheNearest(ModelType type) {
    Map<String, Object> keys = new HashMap<>(small(type).toMap());
    keys.put("hiden_size", 16);
    assertRefused(keys, "'hiden_size'", "did you mean hidden_size?");
  }

  @ParameterizedTest
  @MethodSource("types")
  void wrongValuesAreRefused(ModelType type) {
    for (String key : List.of("hidden_size", "vocab_size", "num_hidden_layers")) {
      Map<String, Object> keys = new HashMap<>(small(type).toMap());
      keys.put(key, -3);
      assertRefused(keys, "'" + key + "'", "-3", "a positive integer");
      keys.put(key, "many");
      assertRefused(keys, "'" + key + "'", "many");
    }
  }

  @Test
  void neutralNumbersMayBeOfAnyType() {
    for (Object heads : List.of(4, 4L, 4.0)) {
      ModelConfig config = ModelConfig.from(Map.of("model_type", "gla", "num_kv_heads", heads));
      assertEquals(ModelConfig.from(Map.of("model_type", "gla")), config);
    }
    assertRefused(Map.of("model_type", "gla", "num_kv_heads", 3L), "'num_kv_heads'", "3");
  }

  @Test
  void functionsAndLimitsAreRead() {
    Map<String, Object> keys = new HashMap<>(Map.of("model_type", "gla", "num_kv_heads", 2L));
    keys.put("clamp_min", -0.25);
    keys.put("feature_map", "swish");
    keys.put("fuse_norm", false);
    ModelConfig config = ModelConfig.from(keys);
    assertEquals(
        new GlaConfig(4, 2, 0.5, 1, 0, Activation.SILU, -0.25f, true, false),
        config.mixers().getFirst());
    assertEquals(config, ModelConfig.from(config.toMap()));
    keys.put("feature_map", "sqrelu");
    assertRefused(keys, "'feature_map'", "sqrelu", "sigmoid");
    assertRefused(Map.of("model_type", "delta_net", "qk_activation", "gelu"), "gelu", "elu");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gla", "retnet", "linear_attn", "hgrn", "hgrn2"})
  void normsWithoutWeightsAreRefused(String type) {
    Map<String, Object> keys = new HashMap<>(Map.of("model_type", type));
    keys.put("elementwise_affine", true);
    ModelConfig.from(keys);
    keys.put("elementwise_affine", false);
    assertRefused(keys, "'elementwise_affine'", "false");
    keys.put("elementwise_affine", null);
    assertRefused(keys, "'elementwise_affine'", "null");
  }

  @Test
  void ratioThatIsNullIsFourForEveryType() {
    Map<String, Object> keys = new HashMap<>(Map.of("model_type", "retnet"));
    int two = ModelConfig.from(keys).intermediate();
    keys.put("hidden_ratio", null);
    int four = ModelConfig.from(keys).intermediate();
    keys.put("hidden_ratio", 4);
    assertEquals(ModelConfig.from(keys).intermediate(), four);
    assertTrue(two < four);
  }

  @ParameterizedTest
  @MethodSource("mixers")
  void everyMixerHasAPresetWithoutConvolutions(String mixer) {
    MixerSizes sizes = new MixerSizes(16, 2, 0, 32);
    MixerConfig preset = ModelTypes.preset(mixer, sizes);
    assertEquals(preset, ModelConfig.of(11, 16, List.of(preset)).mixers().getFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gla", "gated_deltanet", "delta_net", "hgrn", "hgrn2", "mamba", "mamba2"})
  void convolutionsOfOneStepAreRefused(String mixer) {
    ModelException e =
        assertThrows(
            ModelException.class, () -> ModelTypes.preset(mixer, new MixerSizes(16, 2, 1, 32)));
    assertTrue(e.getMessage().endsWith(" is 1, not 2 or more"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gla", "gated_deltanet", "retention", "hgrn2", "attention", "mamba2"})
  void sizesThatDoNotGoTogetherAreNamedWithTheMixer(String mixer) {
    ModelException e =
        assertThrows(
            ModelException.class, () -> ModelTypes.preset(mixer, new MixerSizes(30, 7, 4, 32)));
    assertTrue(
        e.getMessage().startsWith("mixer '" + mixer + "' with a width of 30 and 7 heads: "),
        e.getMessage());
  }

  @Test
  void unknownTypeIsRefusedWithTheNearest() {
    assertRefused(Map.of("model_type", "glaa"), "'glaa'", "did you mean gla?");
  }

  @Test
  void namesAreUnique() {
    List<String> names = ModelTypes.names();
    assertEquals(names.stream().distinct().toList(), names);
    List<String> mixers = ModelTypes.mixers();
    assertEquals(mixers.stream().distinct().toList(), mixers);
  }

  private static void assertRefused(Map<String, ?> keys, String... parts) {
    ModelException e = assertThrows(ModelException.class, () -> ModelConfig.from(keys));
    for (String part : parts) {
      assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
    assertEquals(1, String.valueOf(e.getMessage()).lines().count());
  }
}
