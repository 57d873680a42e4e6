package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.SmallModels;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.random.RandomStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reading in pieces against reading at once, for every kind of model.
class GeneratorTest {
  private static final int VOCABULARY = 11;
  private static final long SEED = 5;

  /// One chunk and six recurrent steps.
  private static final int LENGTH = Generator.CHUNK + 6;

  /// Sums of up to 70 float32 terms in another order, through two layers, of logits near 1.
  private static final double TOLERANCE = 1e-4;

  static List<String> patterns() {
    return SmallModels.patterns();
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void piecesGiveTheLogitsOfTheWhole(String pattern) {
    piecesGiveTheLogitsOfTheWhole(SmallModels.of(pattern, VOCABULARY, 16, 2, 0.2));
  }

  /// Options that change what is kept from token to token.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'model_type': 'gla', 'num_heads': 4, 'num_kv_heads': 2, 'clamp_min': -0.1}",
        "{'model_type': 'gla', 'num_heads': 2, 'attn': {'layers': [1], 'num_heads': 4, 'num_kv_heads': 2, 'window_size': 5}}",
        "{'model_type': 'gated_deltanet', 'num_heads': 2, 'num_v_heads': 4, 'head_dim': 6, 'expand_v': 1.5, 'use_short_conv': false}",
        "{'model_type': 'delta_net', 'num_heads': 2, 'allow_neg_eigval': true, 'qk_activation': 'elu'}",
        "{'model_type': 'linear_attn', 'num_heads': 4, 'num_kv_heads': 1, 'feature_map': 'elu'}",
        "{'model_type': 'retnet', 'num_heads': 2, 'num_kv_heads': 1}",
        "{'model_type': 'hgrn', 'expand_ratio': 2, 'use_lower_bound': false, 'use_short_conv': true}",
        "{'model_type': 'hgrn2', 'expand_ratio': 8, 'use_short_conv': true}",
        "{'model_type': 'mamba', 'state_size': 3, 'conv_kernel': 2}",
        "{'model_type': 'mamba2', 'head_dim': 8, 'n_groups': 2, 'state_size': 6, 'dt_limit': [0.01, 0.1]}",
        "{'model_type': 'transformer', 'num_heads': 4, 'num_kv_heads': 2, 'window_size': 7, 'qk_norm': true}",
        "{'model_type': 'transformer', 'num_heads': 2, 'window_size': 1}",
        "{'model_type': 'transformer', 'num_heads': 2, 'window_size': 64}",
        "{'model_type': 'gnconv', 'order': 2, 'kernel_size': 3}",
        "{'model_type': 'baseconv', 'kernel_size': [-1, 2], 'l_max': 80}"
      })
  void piecesGiveTheLogitsOfTheWholeWithOptions(String keys) {
    Map<String, Object> values =
        new HashMap<>(JsonFiles.parse("config", keys.replace('\'', '"')).toMap());
    values.putAll(Map.of("hidden_size", 16, "num_hidden_layers", 2, "vocab_size", VOCABULARY));
    values.put("initializer_range", 0.2);
    if (!String.valueOf(values.get("model_type")).startsWith("mamba")) {
      values.put("intermediate_size", 24);
    }
    piecesGiveTheLogitsOfTheWhole(ModelConfig.from(values));
  }

  private static void piecesGiveTheLogitsOfTheWhole(ModelConfig config) {
    LanguageModel model = new LanguageModel(config);
    RandomStream random = new RandomStream(SEED, 1, 0);
    int[] ids = new int[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      ids[i] = random.below(VOCABULARY);
    }
    float[] whole = whole(model, ids);
    try (Generator generator = new Generator(model, Devices.preferred(), Choices.automatic())) {
      generator.program().initialize(SEED);
      generator.program().poison();
      assertClose(whole, LENGTH, generator.read(ids));

      generator.reset();
      assertClose(whole, Generator.CHUNK, generator.read(Arrays.copyOf(ids, Generator.CHUNK)));
      for (int i = Generator.CHUNK; i < LENGTH; i++) {
        assertClose(whole, i + 1, generator.read(ids[i]));
      }

      generator.reset();
      assertClose(whole, 1, generator.read(ids[0]));
    }
  }

  @Test
  void sequenceThatAttentionCannotKeepIsRefused() {
    LanguageModel model = new LanguageModel(SmallModels.of("attention", VOCABULARY, 16, 1, 0.2));
    Device device = Devices.preferred();
    try (Generator generator = new Generator(model, device, Choices.automatic(), 3)) {
      generator.program().initialize(SEED);
      generator.read(1, 2);
      TrainingException error = assertThrows(TrainingException.class, () -> generator.read(3, 4));
      assertTrue(
          error.getMessage().startsWith("4 tokens are more than the 3 that the model keeps"));
      generator.read(3);
      generator.reset();
      generator.read(1, 2, 3);
    }
  }

  private static float[] whole(LanguageModel model, int[] ids) {
    Device device = Devices.preferred();
    Variables variables = new Variables();
    Graph graph = new Graph("whole", device, variables, Choices.automatic());
    Tensor input = graph.input("ids", Shape.of(1, LENGTH), ElementType.INT32);
    Tensor logits = graph.output(model.logits(graph, input, SequenceContext.whole()));
    try (Program program = Program.of(device, variables, List.of(graph))) {
      program.initialize(SEED);
      program.poison();
      program.write(input, ids);
      program.run("whole");
      return program.read(logits);
    }
  }

  private static void assertClose(float[] whole, int tokens, float[] logits) {
    assertEquals(VOCABULARY, logits.length);
    for (int i = 0; i < VOCABULARY; i++) {
      float expected = whole[(tokens - 1) * VOCABULARY + i];
      assertTrue(Float.isFinite(expected), "logits are finite");
      assertEquals(expected, logits[i], TOLERANCE, "after " + tokens + " tokens");
    }
  }
}
