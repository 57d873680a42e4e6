package dev.sluice.cli.bench.cpu;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/// Inputs of an op that is measured: variables with numbers in them.
final class CpuInputs {
  /// The graph that a program of one op has.
  static final String GRAPH = "op";

  private final Graph graph;
  private final boolean gradients;
  private final Random random = new Random(1);
  private final Map<Tensor, float[]> values = new LinkedHashMap<>();

  private CpuInputs(Graph graph, boolean gradients) {
    this.graph = graph;
    this.gradients = gradients;
  }

  /// A program that runs one op, and its gradients where they are wanted.
  static Program program(Device device, boolean gradients, Function<CpuInputs, Tensor> op) {
    Graph graph = new Graph(GRAPH, device, new Variables(), Choices.automatic());
    CpuInputs inputs = new CpuInputs(graph, gradients);
    Tensor output = graph.output(op.apply(inputs));
    if (gradients) {
      Tensor cotangent = inputs.variable("cotangent", output.shape(), x -> x, false);
      graph.backward(Map.of(output, cotangent));
    }
    Program program = Program.of(device, graph.variables(), List.of(graph));
    inputs.values.forEach(program::write);
    return program;
  }

  Graph graph() {
    return graph;
  }

  boolean gradients() {
    return gradients;
  }

  Tensor normal(String name, Shape shape) {
    return variable(name, shape, x -> x, gradients);
  }

  Tensor variable(
      String name, Shape shape, Function<Double, Double> ofNormal, boolean differentiated) {
    Tensor tensor = graph.variables().variable(name, shape, ElementType.FLOAT32);
    float[] numbers = new float[shape.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = ofNormal.apply(random.nextGaussian()).floatValue();
    }
    values.put(tensor, numbers);
    return differentiated ? graph.requireGradient(tensor) : tensor;
  }
}
