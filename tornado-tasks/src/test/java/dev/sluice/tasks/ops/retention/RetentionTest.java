package dev.sluice.tasks.ops.retention;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static dev.sluice.tasks.testing.OpCheck.doubles;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.ops.gla.GlaCase;
import dev.sluice.tasks.ops.gla.GlaImplementation;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of retention against the reference and the conformance file.
class RetentionTest {
  static List<Trial> trials() {
    return OpCheck.trials(RetentionOp.NAME, GlaImplementation.class);
  }

  static Stream<Object[]> trialsAndCases() {
    GlaCase many = GlaCase.of("many heads", 41, 1, 63, 9, 12, 20, 0);
    return trials().stream()
        .flatMap(t -> Stream.concat(Stream.of(many), GlaCase.all()).map(c -> new Object[] {t, c}));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("trialsAndCases")
  void agreesWithTheReference(Trial trial, GlaCase drawn) {
    GlaCase numbers =
        drawn.with("g", RetentionReference.gates(drawn.rows(), drawn.heads(), drawn.keySize()));
    Map<String, double[]> expected = numbers.expected();
    expected.remove(OpProbe.GRADIENT + "g");
    GlaCase.assertClose(
        expected,
        numbers.run(
            trial,
            (probe, q, k, v, h0, cu) ->
                RetentionOp.apply(probe.graph(), q, k, v, GlaCase.SCALE, h0, cu)));
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheConformanceFile(Trial trial) {
    Optional<ConformanceFile> found = ConformanceFile.find("retention");
    Assumptions.assumeTrue(found.isPresent());
    ConformanceFile file = found.get();
    for (String name : file.cases()) {
      String in = name + "/in/";
      OpProbe probe = trial.probe();
      var result =
          RetentionOp.apply(
              probe.graph(),
              probe.input("q", Shape.of(file.shape(in + "q")), file.floats(in + "q")),
              probe.input("k", Shape.of(file.shape(in + "k")), file.floats(in + "k")),
              probe.input("v", Shape.of(file.shape(in + "v")), file.floats(in + "v")),
              (float) (1 / Math.sqrt(file.shape(in + "q")[3])),
              probe.input("h0", Shape.of(file.shape(in + "h0")), file.floats(in + "h0")),
              null);
      Map<String, float[]> results =
          probe.run(
              Map.of("o", result.output(), "ht", result.finalState()),
              Map.of("o", file.floats(name + "/cot/o"), "ht", file.floats(name + "/cot/ht")));
      for (String output : List.of("o", "ht")) {
        double[] expected = doubles(file.floats(name + "/out/" + output));
        assertClose(name + " " + output, expected, results.get(output), OpCheck.OUTPUT);
      }
      for (String input : List.of("q", "k", "v", "h0")) {
        double[] expected = doubles(file.floats(name + "/grad/" + input));
        float[] actual = results.get(OpProbe.GRADIENT + input);
        assertClose(name + " d" + input, expected, actual, OpCheck.GRADIENT);
      }
    }
  }
}
