package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
    LanguageModel model = new LanguageModel(SmallModels.of(pattern, VOCABULARY, 16, 2, 0.2));
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
