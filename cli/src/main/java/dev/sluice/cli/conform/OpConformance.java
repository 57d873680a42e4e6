package dev.sluice.cli.conform;

import dev.sluice.checkpoint.TensorSource;
import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.ChoiceException;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Implementation;
import dev.sluice.tasks.graph.OpProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Runs op files through every implementation of their op that the device has.
final class OpConformance {
  private static final String OP = "op";
  private static final double OUTPUT = 2e-5;
  private static final double GRADIENT = 1e-4;
  private static final double REDUCED_OUTPUT = 5e-3;
  private static final double REDUCED_GRADIENT = 2e-2;

  /// One way to run the op.
  ///
  /// @param reduced whether it multiplies in less than float32
  private record Way(String name, boolean reduced, Device device, Map<String, String> forced) {
    double tolerance(String tensor) {
      if (tensor.startsWith(OpProbe.GRADIENT)) {
        return reduced ? REDUCED_GRADIENT : GRADIENT;
      }
      return reduced ? REDUCED_OUTPUT : OUTPUT;
    }
  }

  private OpConformance() {}

  /// Compares every case of a file.
  ///
  /// @param forced op → the only implementation of it that is run
  /// @param made takes the comparisons, also those made before an unknown was met
  /// @param met takes the ops whose implementation can be chosen
  /// @throws UnknownKindException if the op, or an input of a case, is unknown
  /// @throws ChoiceException if an implementation is asked for that is not there
  static void check(
      TensorSource source,
      Device device,
      Map<String, String> forced,
      List<Comparison> made,
      Set<String> met) {
    String op = source.metadata().getOrDefault(OP, "");
    OpFormat format =
        OpFormat.find(op)
            .orElseThrow(() ->
                new UnknownKindException(
                    "%s: op '%s' is not one that conform knows; it knows %s"
                        .formatted(source.path(), op, OpFormat.known())));
    format.parts().forEach(part -> met.add(part.op()));
    List<Way> ways = ways(format, device, forced);
    if (ways.isEmpty()) {
      throw new ChoiceException(
          "%s has no implementation '%s' that runs on %s; it has %s"
              .formatted(
                  op,
                  format.parts().stream()
                      .map(part -> forced.getOrDefault(part.op(), ""))
                      .collect(Collectors.joining()),
                  device.id(),
                  ways(format, device, Map.of()).stream()
                      .map(Way::name)
                      .collect(Collectors.joining(", "))));
    }
    UnknownKindException unknown = null;
    for (Way way : ways) {
      for (String name : OpCase.names(source)) {
        try {
          made.addAll(run(source, name, format, way));
        } catch (UnknownKindException e) {
          unknown = e;
        }
      }
    }
    if (unknown != null) {
      throw unknown;
    }
  }

  /// Every implementation of every part once, the other parts left to the device's choice.
  private static List<Way> ways(OpFormat format, Device device, Map<String, String> forced) {
    List<Way> ways = new ArrayList<>();
    for (OpFormat.Part part : format.parts()) {
      for (Implementation implementation : part.implementations()) {
        if (!forced.getOrDefault(part.op(), implementation.id()).equals(implementation.id())) {
          continue;
        }
        for (Device variant : variants(device)) {
          if (implementation.runsOn(variant)) {
            String name =
                format.parts().size() == 1
                    ? implementation.id()
                    : part.op() + "=" + implementation.id();
            ways.add(
                new Way(
                    name,
                    implementation.reducedPrecision(),
                    variant,
                    Map.of(part.op(), implementation.id())));
            break;
          }
        }
      }
    }
    return ways.isEmpty() && format.parts().isEmpty()
        ? List.of(new Way(device.id(), false, device, Map.of()))
        : ways;
  }

  /// The device and, as the embedded runtime emulates work-groups and matrix units, the same with
  /// them.
  private static List<Device> variants(Device device) {
    if (device.backend() != Backend.JVM) {
      return List.of(device);
    }
    Device grouped = device.with(Feature.WORK_GROUPS);
    return List.of(
        device, grouped, grouped.with(Feature.FP16).with(Feature.BF16).with(Feature.MATRIX_UNITS));
  }

  private static List<Comparison> run(TensorSource source, String name, OpFormat format, Way way) {
    String what = source.path().getFileName() + " " + name;
    OpProbe probe = new OpProbe(way.device(), Choices.forcing(way.forced()));
    OpCase opCase = new OpCase(source, name, format, probe);
    Map<String, float[]> results;
    try {
      results = opCase.run();
    } catch (GraphException | IllegalArgumentException e) {
      return List.of(Comparison.failed(what, way.name(), String.valueOf(e.getMessage())));
    }
    List<Comparison> made = new ArrayList<>();
    opCase
        .expected()
        .forEach((tensor, theirs) -> {
          float[] ours = results.get(tensor);
          made.add(
              ours == null
                  ? Comparison.failed(what, way.name(), tensor + " is not computed")
                  : Comparison.of(what, way.name(), tensor, ours, theirs, way.tolerance(tensor)));
        });
    return made;
  }
}
