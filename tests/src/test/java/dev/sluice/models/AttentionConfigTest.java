package dev.sluice.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.layers.AttentionLayer;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttentionConfigTest {
  private static final Map<String, ?> SMALL =
      Map.of("model_type", "transformer", "hidden_size", 24, "num_heads", 4);

  private static MixerConfig mixer(Map<String, ?> keys) {
    Map<String, Object> all = new HashMap<>(SMALL);
    all.putAll(keys);
    ModelConfig config = ModelConfig.from(all);
    assertEquals(config, ModelConfig.from(config.toMap()));
    return config.mixers().getFirst();
  }

  @Test
  void defaultsAreThoseOfFlashLinearAttention() {
    ModelConfig config = ModelConfig.from(Map.of("model_type", "transformer"));
    assertEquals(
        new AttentionConfig(32, 32, false, false, 0, 10000, AttentionLayer.Gate.NONE),
        config.mixers().getFirst());
    assertEquals(24, config.layers());
    assertEquals(5632, config.intermediate());
  }

  @Test
  void everyKeyIsRead() {
    Map<String, Object> keys =
        Map.of(
            "num_kv_heads",
            2,
            "qkv_bias",
            true,
            "qk_norm",
            true,
            "window_size",
            16,
            "rope_theta",
            500.0,
            "elementwise_affine",
            false);
    assertEquals(
        new AttentionConfig(4, 2, true, true, 16, 500, AttentionLayer.Gate.NONE), mixer(keys));
  }

  @Test
  void headsThatDoNotDivideAreRefused() {
    assertRefused("'num_heads' 8", Map.of("num_heads", 8));
    assertRefused("'num_kv_heads' 3", Map.of("num_kv_heads", 3));
  }

  private static void assertRefused(String part, Map<String, ?> keys) {
    ModelException e = assertThrows(ModelException.class, () -> mixer(keys));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }
}
