package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Runs one op, or a small graph of them, on given numbers: its outputs and the gradients of
/// `sum(output · cotangent)`. Tests, `conform` and `compare` all look at ops through it.
///
/// ```java
/// OpProbe probe = new OpProbe(device, Choices.automatic());
/// Tensor x = probe.input("x", Shape.of(2, 3), values);
/// Map<String, float[]> results = probe.run(Map.of("y", SiluOp.apply(probe.graph(), x)), cotangents);
/// float[] gradient = results.get("grad/x");
/// ```
public final class OpProbe {
  /// What stands before an input's name for its gradient in the results of [#run].
  public static final String GRADIENT = "grad/";

  private final Device device;
  private final Graph graph;
  private final SequencedMap<Tensor, float[]> floats = new LinkedHashMap<>();
  private final SequencedMap<Tensor, int[]> integers = new LinkedHashMap<>();

  /// A probe with an empty graph.
  public OpProbe(Device device, Choices choices) {
    this.device = device;
    this.graph = new Graph("probe", device, new Variables(), choices);
  }

  /// The graph to which the op is to be appended.
  public Graph graph() {
    return graph;
  }

  /// A float32 input whose gradient is wanted.
  public Tensor input(String name, Shape shape, float[] values) {
    Tensor tensor = graph.requireGradient(graph.input(name, shape, ElementType.FLOAT32));
    floats.put(tensor, values);
    return tensor;
  }

  /// A float32 input whose gradient is not wanted.
  public Tensor constant(String name, Shape shape, float[] values) {
    Tensor tensor = graph.input(name, shape, ElementType.FLOAT32);
    floats.put(tensor, values);
    return tensor;
  }

  /// An int32 input.
  public Tensor integers(String name, Shape shape, int[] values) {
    Tensor tensor = graph.input(name, shape, ElementType.INT32);
    integers.put(tensor, values);
    return tensor;
  }

  /// Runs the graph once, every activation filled with NaN before.
  ///
  /// @param outputs name → output
  /// @param cotangents name of an output → its cotangent; empty for no backward pass. Outputs left
  ///   out get no gradient.
  /// @return name of an output → its values, and [#GRADIENT] + name of an input → its gradient
  public Map<String, float[]> run(Map<String, Tensor> outputs, Map<String, float[]> cotangents) {
    outputs.values().forEach(graph::output);
    Map<Tensor, Tensor> seeds = new LinkedHashMap<>();
    cotangents.forEach((name, values) -> {
      Tensor output = outputs.get(name);
      if (output == null) {
        throw new GraphException("no output '" + name + "' for its cotangent");
      }
      Tensor seed = graph.input("cotangent/" + name, output.shape(), ElementType.FLOAT32);
      floats.put(seed, values);
      seeds.put(output, seed);
    });
    if (!seeds.isEmpty()) {
      graph.backward(seeds);
    }
    Map<String, float[]> results = new LinkedHashMap<>();
    try (Program program = Program.of(device, graph.variables(), List.of(graph))) {
      program.poison();
      floats.forEach(program::write);
      integers.forEach(program::write);
      program.run(graph.name());
      outputs.forEach((name, tensor) -> results.put(name, program.read(tensor)));
      if (!seeds.isEmpty()) {
        for (Tensor input : floats.keySet()) {
          if (graph.isRequested(input)) {
            results.put(GRADIENT + input.name(), program.read(graph.gradient(input)));
          }
        }
      }
    }
    return results;
  }
}
