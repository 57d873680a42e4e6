package dev.sluice.cli.bench;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.random.RandomStream;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.DoubleUnaryOperator;

/// Makes the inputs of an op that is measured: tensors that lie on the device, with numbers of the
/// kind that a trained model has there, the same on every device.
public final class OpInputs {
  private static final int PURPOSE = 0x424E43;

  private final Graph graph;
  private final SequenceSize size;
  private final boolean differentiated;
  private final SequencedMap<Tensor, DoubleUnaryOperator> made = new LinkedHashMap<>();

  OpInputs(Graph graph, SequenceSize size, boolean differentiated) {
    this.graph = graph;
    this.size = size;
    this.differentiated = differentiated;
  }

  /// The graph to which the op is appended.
  public Graph graph() {
    return graph;
  }

  /// The size that was asked for.
  public SequenceSize size() {
    return size;
  }

  /// `1/√K`
  public float scale() {
    return (float) (1 / Math.sqrt(size.keys()));
  }

  /// Normal numbers, `[B, T, H, K]`.
  public Tensor keys(String name) {
    return normal(name, 1, size.batch(), size.length(), size.heads(), size.keys());
  }

  /// Rows of about unit length, `[B, T, H, K]`.
  public Tensor unitKeys(String name) {
    return normal(name, scale(), size.batch(), size.length(), size.heads(), size.keys());
  }

  /// Normal numbers, `[B, T, H, V]`.
  public Tensor values(String name) {
    return normal(name, 1, size.batch(), size.length(), size.heads(), size.values());
  }

  /// Normal numbers, `[B, T, D]`.
  public Tensor channels(String name) {
    return normal(name, 1, size.batch(), size.length(), size.channels());
  }

  /// An image of `T` points, `[B, height, width, D]`.
  public Tensor image(String name) {
    int height = size.imageHeight();
    return normal(name, 1, size.batch(), height, size.length() / height, size.channels());
  }

  /// A gate's logarithm for each key, `[B, T, H, K]`.
  public Tensor keyGates(String name) {
    return logGates(name, size.batch(), size.length(), size.heads(), size.keys());
  }

  /// A gate's logarithm for each head, `[B, T, H]`.
  public Tensor headGates(String name) {
    return logGates(name, size.batch(), size.length(), size.heads());
  }

  /// A gate's logarithm for each channel, `[B, T, D]`.
  public Tensor channelGates(String name) {
    return logGates(name, size.batch(), size.length(), size.channels());
  }

  /// Numbers between 0 and 1 for each head, `[B, T, H]`.
  public Tensor betas(String name) {
    return make(
        name, x -> 1 / (1 + Math.exp(-x)), Shape.of(size.batch(), size.length(), size.heads()));
  }

  /// Normal numbers times `factor`.
  public Tensor normal(String name, double factor, int... extents) {
    return make(name, x -> factor * x, Shape.of(extents));
  }

  /// Numbers from −1.5 to −0.5, as the logarithms of decays are.
  public Tensor negative(String name, int... extents) {
    return make(name, x -> -1 + 0.5 * Math.tanh(x), Shape.of(extents));
  }

  private Tensor logGates(String name, int... extents) {
    return make(name, x -> -Math.log1p(Math.exp(-x)) / 16, Shape.of(extents));
  }

  private Tensor make(String name, DoubleUnaryOperator ofNormal, Shape shape) {
    Tensor tensor = graph.variables().variable(name, shape, ElementType.FLOAT32);
    made.put(tensor, ofNormal);
    return differentiated ? graph.requireGradient(tensor) : tensor;
  }

  /// The gradient of the op's result, which nobody differentiates.
  Tensor cotangent(Shape shape) {
    Tensor tensor = graph.variables().variable("cotangent", shape, ElementType.FLOAT32);
    made.put(tensor, x -> x);
    return tensor;
  }

  /// Floats of all inputs that the op was given.
  long floats() {
    return made.keySet().stream().mapToLong(Tensor::size).sum();
  }

  /// Fills all inputs.
  void fill(Program program) {
    int index = 0;
    for (var entry : made.entrySet()) {
      RandomStream random = new RandomStream(1, PURPOSE, index++);
      float[] values = new float[entry.getKey().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) entry.getValue().applyAsDouble(random.normal());
      }
      program.write(entry.getKey(), values);
    }
  }

  /// The inputs so far.
  SequencedSet<Tensor> tensors() {
    return made.sequencedKeySet();
  }
}
