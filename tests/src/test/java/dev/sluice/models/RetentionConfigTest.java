package dev.sluice.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.layers.Activation;
import dev.sluice.layers.SequenceContext;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Variables;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetentionConfigTest {
  private static final Map<String, ?> SMALL =
      Map.of(
          "model_type",
          "retnet",
          "hidden_size",
          24,
          "num_heads",
          4,
          "vocab_size",
          5,
          "num_hidden_layers",
          1);

  private static ModelConfig config(Map<String, ?> keys) {
    Map<String, Object> all = new HashMap<>(SMALL);
    all.putAll(keys);
    ModelConfig config = ModelConfig.from(all);
    assertEquals(config, ModelConfig.from(config.toMap()));
    return config;
  }

  @Test
  void defaultsAreThoseOfFlashLinearAttention() {
    ModelConfig config = ModelConfig.from(Map.of("model_type", "retnet"));
    assertEquals(
        new RetentionConfig(8, 8, 1, 2, Activation.IDENTITY, true, true),
        config.mixers().getFirst());
    assertEquals(2816, config.intermediate());
  }

  @Test
  void everyKeyIsRead() {
    Map<String, Object> keys =
        Map.of(
            "hidden_size",
            32,
            "num_kv_heads",
            2,
            "expand_k",
            0.5,
            "expand_v",
            1.5,
            "feature_map",
            "swish",
            "use_output_gate",
            false,
            "fuse_norm",
            false);
    assertEquals(
        new RetentionConfig(4, 2, 0.5, 1.5, Activation.SILU, false, false),
        config(keys).mixers().getFirst());
  }

  @Test
  void convolutionsThatFlashLinearAttentionDoesNotBuildAreNotBuilt() {
    assertEquals(config(Map.of()), config(Map.of("use_short_conv", true, "conv_size", 3)));
  }

  @Test
  void normIsNamedAsFusedOrNot() {
    String layer = "model.layers.0.attn.";
    assertNotNull(variables(config(Map.of())).findParameter(layer + "g_norm_swish_gate.weight"));
    assertNotNull(
        variables(config(Map.of("fuse_norm", false))).findParameter(layer + "g_norm.weight"));
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
  void whatIsNotImplementedIsRefused() {
    assertRefused("'feature_map'", Map.of("feature_map", "gelu"));
    assertRefused("'elementwise_affine'", Map.of("elementwise_affine", false));
    assertRefused("'num_heads' 8", Map.of("num_heads", 8));
    assertRefused("'num_kv_heads' 3", Map.of("num_kv_heads", 3));
  }

  private static void assertRefused(String part, Map<String, ?> keys) {
    ModelException e = assertThrows(ModelException.class, () -> config(keys));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }
}
