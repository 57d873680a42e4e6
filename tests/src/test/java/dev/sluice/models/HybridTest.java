package dev.sluice.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Patterns of mixers, and the files that say which mixer stands where.
class HybridTest {
  private static final int WIDTH = 16;
  private static final MixerSizes SIZES = new MixerSizes(WIDTH, 2, 4, 128);

  static List<String> patterns() {
    return SmallModels.patterns();
  }

  private static ModelConfig small(String pattern, int layers) {
    return SmallModels.of(pattern, 11, WIDTH, layers, 0.1);
  }

  private static List<String> names(ModelConfig config) {
    return config.mixers().stream().map(mixer -> mixer.type().mixer()).toList();
  }

  @Test
  void patternIsRepeatedOverTheLayers() {
    List<String> three = List.of("gla", "gla", "gla", "attention");
    assertEquals(three, MixerPattern.parse("gla*3,attention").period());
    assertEquals(three, MixerPattern.parse(" gla * 2 , gla, attention*1").period());
    assertEquals(
        List.of("gla", "attention", "gla", "attention", "gla"), names(small("gla,attention", 5)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "glaa|did you mean gla?",
        "gla,,attention|a name is missing",
        "''|a name is missing",
        "*3|a name is missing",
        "gla*|'' is not a count",
        "gla*x|'x' is not a count",
        "gla*2*2|'2*2' is not a count",
        "gla*99999999999|'99999999999' is not a count",
        "gla*0|a count of 0 is not from 1 to 1000",
        "gla*-1|a count of -1 is not from 1 to 1000",
        "gla*1001|a count of 1001 is not from 1 to 1000",
        "sluice_hybrid|'sluice_hybrid' is unknown",
      })
  void wrongPatternIsRefused(String pattern, String message) {
    ModelException e = assertThrows(ModelException.class, () -> MixerPattern.parse(pattern));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void modelTypesNameTheirMixers() {
    assertEquals(small("retention,attention", 2), small("retnet,transformer", 2));
  }

  @Test
  void patternLongerThanTheModelIsRefused() {
    MixerPattern pattern = MixerPattern.parse("gla*3,attention");
    ModelException e = assertThrows(ModelException.class, () -> pattern.mixers(SIZES, 3));
    assertEquals(
        "mixer pattern 'gla*3,attention': it is 4 layers long, the model only 3", e.getMessage());
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void filesSayTheSame(String pattern) {
    ModelConfig config = small(pattern, 5);
    assertEquals(config, ModelConfig.from(config.toMap(), config.toOwnMap()));
  }

  @Test
  void attentionBesidesOneMixerHasAKeyOfItsOwn() {
    ModelConfig config = small("gla*2,attention", 5);
    assertEquals(Map.of(), config.toOwnMap());
    assertEquals("gla", config.toMap().get("model_type"));
    assertEquals(
        Map.of(
            "layers",
            List.of(2),
            "num_heads",
            2,
            "num_kv_heads",
            2,
            "qkv_bias",
            false,
            "rope_theta",
            10000.0),
        config.toMap().get("attn"));
  }

  @Test
  void severalKindsOfAttentionAreRead() {
    Map<String, Object> keys = new HashMap<>(small("gla", 4).toMap());
    keys.put(
        "attn",
        List.of(
            Map.of("layers", List.of(1L), "num_heads", 4L, "num_kv_heads", 2L),
            Map.of("layers", List.of(3L), "num_heads", 2L, "window_size", 8L)));
    ModelConfig config = ModelConfig.from(keys);
    assertEquals(List.of("gla", "attention", "gla", "attention"), names(config));
    AttentionConfig first = (AttentionConfig) config.mixers().get(1);
    AttentionConfig second = (AttentionConfig) config.mixers().get(3);
    assertEquals(2, first.keyHeads());
    assertEquals(2, second.keyHeads());
    assertEquals(8, second.window());
    assertEquals(config, ModelConfig.from(config.toMap()));
  }

  @Test
  void otherMixturesAreOfATypeOfTheirOwn() {
    for (String pattern :
        List.of("gla,delta_net", "gla,gated_attention", "attention,gated_attention")) {
      ModelConfig config = small(pattern, 2);
      assertEquals("sluice_hybrid", config.typeName());
      assertEquals(2, ((Map<?, ?>) config.toOwnMap().get("mixers")).size(), pattern);
    }
    ModelConfig gated = small("gated_attention", 2);
    assertEquals("transformer", gated.typeName());
    assertEquals(Map.of("attention_gate", "element"), gated.toOwnMap());
  }

  @Test
  void wrongAttentionIsRefused() {
    assertAttention(Map.of("layers", List.of(1)), "'attn.num_heads' is missing");
    assertAttention(Map.of("num_heads", 2), "'attn.layers' is missing");
    assertAttention(Map.of("layers", List.of(4), "num_heads", 2), "layer 4 is not one of 0 to 3");
    assertAttention(Map.of("layers", List.of(1, 1), "num_heads", 2), "layer 1 is named twice");
    assertAttention(Map.of("layers", 1, "num_heads", 2), "'attn.layers' is 1, not a list");
    assertAttention(
        Map.of("layers", List.of(1), "num_heads", 2, "windw_size", 2), "did you mean window_size?");
  }

  private static void assertAttention(Map<String, ?> attention, String message) {
    Map<String, Object> keys = new HashMap<>(small("gla", 4).toMap());
    keys.put("attn", attention);
    assertRefused(keys, Map.of(), message);
  }

  @Test
  void wrongFileOfOurOwnIsRefused() {
    ModelConfig config = small("gla,delta_net", 4);
    Map<String, Object> own = new HashMap<>(config.toOwnMap());
    own.put("mixer", 3);
    assertRefused(config.toMap(), own, "sluice.json key 'mixer' is unknown", "mixers");
    own.remove("mixer");
    own.put("layers", List.of("gla"));
    assertRefused(config.toMap(), own, "sluice.json has 1 layers");
    own.put("layers", List.of("gla", "delta_net", "gla", "delta"));
    assertRefused(config.toMap(), own, "'mixers.delta.mixer' is missing");
    assertRefused(config.toMap(), Map.of(), "sluice.json key 'layers' is missing");
    assertRefused(
        small("gated_attention", 2).toMap(), Map.of("attention_gate", "all"), "none, head or");
    assertRefused(small("gla", 2).toMap(), Map.of("dropuot", 0.1), "'dropuot' is unknown");
  }

  private static void assertRefused(Map<String, ?> keys, Map<String, ?> own, String... parts) {
    ModelException e = assertThrows(ModelException.class, () -> ModelConfig.from(keys, own));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }
}
