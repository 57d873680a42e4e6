package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.data.Dataset;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.random.RandomStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Gradients of several batches add up to those of one large batch, though the batches have
/// different numbers of labels.
class AccumulationTest {
  private static final int LENGTH = 8;
  private static final int STEPS = 3;

  /// Sums in another order, a few steps after each other.
  private static final double RELATIVE = 1e-5;

  /// AdamW divides by the root of the second moment, which magnifies rounding where gradients are
  /// small; a wrong weight of the labels moves parameters by a good part of the rate, 1e-2.
  private static final double PARAMETER = 2e-4;

  /// Example `i` has `1 + i mod 5` labels.
  private record Uneven() implements Dataset {
    @Override
    public String name() {
      return "uneven";
    }

    @Override
    public String fingerprint() {
      return "uneven";
    }

    @Override
    public int vocabulary() {
      return Runs.CONFIG.vocabulary();
    }

    @Override
    public int length() {
      return LENGTH;
    }

    @Override
    public long size() {
      return Long.MAX_VALUE;
    }

    @Override
    public void example(long index, int[] ids, int idsOffset, int[] labels, int labelsOffset) {
      RandomStream random = new RandomStream(3, 1, index);
      for (int i = 0; i < LENGTH; i++) {
        ids[idsOffset + i] = random.below(vocabulary());
        labels[labelsOffset + i] = i <= index % 5 ? random.below(vocabulary()) : IGNORED;
      }
    }
  }

  @Test
  void fourBatchesEqualOneOfFourTimesTheRows(@TempDir Path folder) {
    try (TrainingProgram parts = Runs.program(2, LENGTH);
        TrainingProgram whole = Runs.program(8, LENGTH)) {
      List<LogEntry> expected =
          Runs.train(folder.resolve("whole"), whole, new Uneven(), Runs.options(1e-2, 8, 1, STEPS));
      List<LogEntry> actual =
          Runs.train(folder.resolve("parts"), parts, new Uneven(), Runs.options(1e-2, 2, 4, STEPS));
      for (int i = 0; i < STEPS; i++) {
        assertRelative(expected.get(i).loss(), actual.get(i).loss());
        assertRelative(expected.get(i).gradientNorm(), actual.get(i).gradientNorm());
        assertEquals(expected.get(i).tokens(), actual.get(i).tokens());
      }
      for (Parameter parameter : whole.program().variables().parameters()) {
        float[] theirs = whole.program().read(parameter.value());
        Parameter same = parts.program().variables().findParameter(parameter.name());
        float[] ours = parts.program().read(same.value());
        for (int i = 0; i < ours.length; i++) {
          assertEquals(theirs[i], ours[i], PARAMETER, parameter.name());
        }
      }
    }
  }

  private static void assertRelative(double expected, double actual) {
    assertEquals(expected, actual, RELATIVE * expected);
  }
}
