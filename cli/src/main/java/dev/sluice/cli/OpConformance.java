package dev.sluice.cli;

import dev.sluice.checkpoint.TensorInfo;
import dev.sluice.checkpoint.TensorSource;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Implementation;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleImplementation;
import dev.sluice.tasks.ops.gla.GlaImplementation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Runs op files through every implementation of their op that the device has.
final class OpConformance {
  private static final double OUTPUT = 2e-5;
  private static final double GRADIENT = 1e-4;
  private static final String IN = "/in/";
  private static final String OUT = "/out/";
  private static final String COTANGENT = "/cot/";
  private static final String GRAD = "/grad/";
  private static final String OFFSETS = "cu_seqlens";

  /// The inputs of a case, by name.
  record Case(OpProbe probe, Map<String, Tensor> inputs) {
    Tensor get(String name) {
      Tensor tensor = inputs.get(name);
      if (tensor == null) {
        throw new IllegalArgumentException("the case lacks its input '" + name + "'");
      }
      return tensor;
    }

    @Nullable Tensor find(String name) {
      return inputs.get(name);
    }
  }

  private OpConformance() {}

  static List<Comparison> check(TensorSource source, String op, Device device) {
    List<? extends Implementation> implementations = implementations(op, source);
    List<Comparison> made = new ArrayList<>();
    TreeSet<String> cases = new TreeSet<>();
    for (TensorInfo info : source.tensors()) {
      int end = info.name().indexOf(IN);
      if (end > 0) {
        cases.add(info.name().substring(0, end));
      }
    }
    for (Implementation implementation : implementations) {
      if (implementation.runsOn(device)) {
        cases.forEach(name -> made.addAll(run(source, op, name, implementation.id(), device)));
      }
    }
    return made;
  }

  private static List<? extends Implementation> implementations(String op, TensorSource source) {
    return switch (op) {
      case "gla", "retention" -> Arrays.asList(GlaImplementation.values());
      case "gated_delta_rule", "delta_rule" -> Arrays.asList(GatedDeltaRuleImplementation.values());
      default ->
          throw new UnknownKindException(
              source.path() + ": op '" + op + "' is not one that conform knows");
    };
  }

  private static List<Comparison> run(
      TensorSource source, String op, String name, String implementation, Device device) {
    OpProbe probe = new OpProbe(device, Choices.forcing(Map.of(op, implementation)));
    Case inputs = new Case(probe, new LinkedHashMap<>());
    Map<String, float[]> cotangents = new LinkedHashMap<>();
    for (TensorInfo info : source.tensors()) {
      if (info.name().startsWith(name + IN)) {
        String input = info.name().substring((name + IN).length());
        Tensor tensor =
            input.equals(OFFSETS)
                ? probe.integers(input, shape(info), source.ints(info.name()))
                : probe.input(input, shape(info), source.floats(info.name()));
        inputs.inputs().put(input, tensor);
      } else if (info.name().startsWith(name + COTANGENT)) {
        cotangents.put(
            info.name().substring((name + COTANGENT).length()), source.floats(info.name()));
      }
    }
    Map<String, float[]> results = probe.run(OpCases.outputs(op, inputs), cotangents);
    List<Comparison> made = new ArrayList<>();
    String what = source.path().getFileName() + " " + name;
    for (TensorInfo info : source.tensors()) {
      String full = info.name();
      String ours = null;
      if (full.startsWith(name + OUT)) {
        ours = full.substring((name + OUT).length());
      } else if (full.startsWith(name + GRAD)) {
        ours = OpProbe.GRADIENT + full.substring((name + GRAD).length());
      }
      float[] values = ours == null ? null : results.get(ours);
      if (ours != null) {
        double tolerance = ours.startsWith(OpProbe.GRADIENT) ? GRADIENT : OUTPUT;
        made.add(
            Comparison.of(
                what,
                implementation,
                ours,
                values == null ? new float[0] : values,
                source.floats(full),
                tolerance));
      }
    }
    return made;
  }

  private static Shape shape(TensorInfo info) {
    return Shape.of(info.shape().stream().mapToInt(Long::intValue).toArray());
  }
}
