package dev.sluice.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.layers.FeatureMap;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearAttentionConfigTest {
  private static MixerConfig mixer(Map<String, ?> keys) {
    Map<String, Object> all = new HashMap<>(Map.of("model_type", "linear_attn", "hidden_size", 24));
    all.putAll(keys);
    ModelConfig config = ModelConfig.from(all);
    assertEquals(config, ModelConfig.from(config.toMap()));
    return config.mixers().getFirst();
  }

  @Test
  void defaultsAreThoseOfFlashLinearAttention() {
    assertEquals(
        new LinearAttentionConfig(4, 4, 1, 1, FeatureMap.ELEMENTWISE_PRODUCT), mixer(Map.of()));
  }

  @ParameterizedTest
  @EnumSource(FeatureMap.class)
  void everyKeyIsRead(FeatureMap map) {
    Map<String, Object> keys =
        Map.of(
            "num_heads", 6,
            "num_kv_heads", 3,
            "expand_k", 0.5,
            "expand_v", 2,
            "feature_map", map.id());
    assertEquals(new LinearAttentionConfig(6, 3, 0.5, 2, map), mixer(keys));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tie_feature_map_qk",
        "norm_q",
        "norm_k",
        "norm_feature_map",
      })
  void whatIsNotImplementedIsRefusedByName(String key) {
    mixer(Map.of(key, false));
    assertRefused("'" + key + "'", Map.of(key, true));
  }

  @Test
  void unknownMapIsRefused() {
    assertRefused("'feature_map': hedgehog", Map.of("feature_map", "hedgehog"));
  }

  private static void assertRefused(String part, Map<String, ?> keys) {
    ModelException e = assertThrows(ModelException.class, () -> mixer(keys));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }
}
