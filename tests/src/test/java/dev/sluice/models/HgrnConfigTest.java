package dev.sluice.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.layers.SequenceContext;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Variables;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The keys of HGRN and HGRN2.
class HgrnConfigTest {
  private static final String BOUNDS = "model.lower_bounds";

  private static ModelConfig config(String type, Map<String, ?> keys) {
    Map<String, Object> all =
        new HashMap<>(
            Map.of("model_type", type, "hidden_size", 24, "vocab_size", 5, "num_hidden_layers", 2));
    all.putAll(keys);
    ModelConfig config = ModelConfig.from(all);
    assertEquals(config, ModelConfig.from(config.toMap()));
    return config;
  }

  private static MixerConfig mixer(String type, Map<String, ?> keys) {
    return config(type, keys).mixers().getFirst();
  }

  @Test
  void defaultsAreThoseOfFlashLinearAttention() {
    assertEquals(new HgrnConfig(1, 0, true), mixer("hgrn", Map.of()));
    MixerConfig wide = mixer("hgrn2", Map.of("hidden_size", 512));
    assertEquals(new Hgrn2Config(4, 128, 0, true), wide);
  }

  @Test
  void everyKeyIsRead() {
    Map<String, Object> keys =
        Map.of("expand_ratio", 2, "use_lower_bound", false, "use_short_conv", true, "conv_size", 3);
    assertEquals(new HgrnConfig(2, 3, false), mixer("hgrn", keys));
    assertEquals(new Hgrn2Config(12, 2, 3, false), mixer("hgrn2", keys));
  }

  /// It takes the number of heads from the expansion, whatever `num_heads` says.
  @Test
  void headsFollowFromTheExpansion() {
    Map<String, Object> keys = new HashMap<>(Map.of("expand_ratio", 6, "num_heads", 3));
    assertEquals(new Hgrn2Config(4, 6, 0, true), mixer("hgrn2", keys));
    keys.put("expand_ratio", null);
    assertEquals(new Hgrn2Config(3, 8, 0, true), mixer("hgrn2", keys));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hgrn", "hgrn2"})
  void boundsAreOneParameterOfTheModel(String type) {
    Parameter bounds =
        variables(config(type, Map.of("expand_ratio", type.equals("hgrn") ? 1 : 8)))
            .findParameter(BOUNDS);
    assertEquals(Shape.of(2, 24), bounds == null ? null : bounds.value().shape());
    Map<String, ?> unbounded = Map.of("use_lower_bound", false, "expand_ratio", 2);
    assertNull(variables(config(type, unbounded)).findParameter(BOUNDS));
  }

  private static Variables variables(ModelConfig config) {
    Variables variables = new Variables();
    Graph graph = new Graph("model", Devices.preferred(), variables, Choices.automatic());
    new LanguageModel(config)
        .logits(
            graph, graph.input("ids", Shape.of(1, 3), ElementType.INT32), SequenceContext.whole());
    return variables;
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertRefused("'expand_ratio' 48", () -> config("hgrn2", Map.of("expand_ratio", 48)));
    assertRefused(
        "'expand_ratio' 5", () -> config("hgrn2", Map.of("hidden_size", 23, "expand_ratio", 5)));
    assertRefused(
        "'elementwise_affine'", () -> config("hgrn", Map.of("elementwise_affine", false)));
    assertRefused(
        "'expand_ratio' gives 48 forget gates",
        () -> variables(config("hgrn", Map.of("expand_ratio", 2))));
  }

  private static void assertRefused(String part, Runnable action) {
    ModelException e = assertThrows(ModelException.class, action::run);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }
}
