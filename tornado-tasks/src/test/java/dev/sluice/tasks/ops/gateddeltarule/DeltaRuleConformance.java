package dev.sluice.tasks.ops.gateddeltarule;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static dev.sluice.tasks.testing.OpCheck.doubles;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Checks a case of a conformance file of either delta rule.
public final class DeltaRuleConformance {
  private DeltaRuleConformance() {}

  /// Fails unless all outputs and gradients are within their tolerances.
  public static void check(Trial trial, ConformanceFile file, String name) {
    int[] q = file.shape(name + "/in/q");
    int[] v = file.shape(name + "/in/v");
    int[] offsets = new int[q[0] + 1];
    Arrays.setAll(offsets, n -> n * q[1]);
    Map<String, double[]> inputs = new LinkedHashMap<>();
    for (String input : List.of("q", "k", "v", "g", "beta", "h0")) {
      if (file.has(name + "/in/" + input)) {
        inputs.put(input, doubles(file.floats(name + "/in/" + input)));
      }
    }
    Map<String, double[]> cotangents = new LinkedHashMap<>();
    for (String output : List.of("o", "ht")) {
      cotangents.put(output, doubles(file.floats(name + "/cot/" + output)));
    }
    Map<String, float[]> results =
        new DeltaRuleCase(
                name, offsets, false, q[2], v[2], q[3], v[3], QkNorm.NONE, inputs, cotangents)
            .run(trial);
    for (String output : cotangents.keySet()) {
      compare(file, name + "/out/" + output, results.get(output), OpCheck.OUTPUT);
    }
    for (String input : inputs.keySet()) {
      float[] gradient = results.get(OpProbe.GRADIENT + input);
      compare(file, name + "/grad/" + input, gradient, OpCheck.GRADIENT);
    }
  }

  private static void compare(ConformanceFile file, String key, float[] actual, double tolerance) {
    float[] present = Optional.ofNullable(actual).orElseThrow();
    assertClose(key, doubles(file.floats(key)), present, tolerance);
  }
}
