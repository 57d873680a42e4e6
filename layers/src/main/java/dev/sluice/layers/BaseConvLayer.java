package dev.sluice.layers;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.baseconv.BaseConvOp;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Zoology's BaseConv: `y = conv(x) ⊙ projection(x) + x` with a causal convolution of each channel:
/// `[B, T, D]` → `[B, T, D]`.
///
/// The short kernel is a parameter: `conv.conv.weight` `[D, 1, K]` and its bias `[D]`, both begun
/// uniformly in ±1/√K. The long one reaches over the whole sequence and is made from features of
/// the time step by a network of one hidden layer: `conv.mlp.0` `[16, 3]` and `conv.mlp.2` `[D,
/// 16]`, each with a bias. `projection` `[D, D]` has one too. These weights are begun by the
/// initializer, their biases at zero. State: the last inputs, `[B, K − 1, D]`; with a long kernel
/// all of them, `[B, slots, D]` with as many slots as [SequenceContext#limitedSlots] says.
///
/// Source: Arora et al., "Zoology: Measuring and Improving Recall in Efficient Language Models",
/// 2023; names as in their code.
///
/// @param width `D`
/// @param kernel `K`, at least 2, or [#LONG]
/// @param longest the most steps of a sequence, if the kernel is long
/// @param initializer begins the weights
public record BaseConvLayer(int width, int kernel, int longest, Initializer initializer)
    implements Mixer {
  /// The kernel size that stands for a kernel as long as the sequence.
  public static final int LONG = -1;

  private static final int FEATURES = 3;
  private static final int HIDDEN = 16;
  private static final String STATE = "conv";

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Scope side = scope.child("projection");
    BaseConvOp.Projection projection =
        new BaseConvOp.Projection(weight(side, width, width), bias(side, width));
    return kernel == LONG
        ? withLongKernel(scope, x, projection, sequence)
        : withShortKernel(scope, x, projection, sequence);
  }

  private Tensor withShortKernel(
      Scope scope, Tensor x, BaseConvOp.Projection projection, SequenceContext sequence) {
    Scope convolution = scope.child("conv").child("conv");
    Initializer taps = Initializers.symmetric(1 / Math.sqrt(kernel));
    Shape stateShape = Shape.of(sequence.sequences(x.shape().extent(0)), kernel - 1, width);
    BaseConvOp.Result result =
        BaseConvOp.withShortKernel(
            scope.graph(),
            x,
            convolution.parameter("weight", Shape.of(width, 1, kernel), taps).view(width, kernel),
            convolution.parameter("bias", Shape.of(width), taps),
            projection,
            sequence.state(scope, STATE, stateShape),
            sequence.offsets());
    @Nullable Tensor end = result.finalState();
    if (end != null) {
      sequence.keep(scope, STATE, end);
    }
    return result.output();
  }

  private Tensor withLongKernel(
      Scope scope, Tensor x, BaseConvOp.Projection projection, SequenceContext sequence) {
    Scope network = scope.child("conv").child("mlp");
    Scope first = network.child("0");
    Scope second = network.child("2");
    BaseConvOp.FilterNetwork filter =
        new BaseConvOp.FilterNetwork(
            weight(first, FEATURES, HIDDEN),
            bias(first, HIDDEN),
            weight(second, HIDDEN, width),
            bias(second, width));
    @Nullable Tensor position = sequence.position();
    if (position != null) {
      int slots = sequence.limitedSlots(longest, "a model whose long kernels are longer");
      Shape cache = Shape.of(x.shape().extent(0), slots, width);
      Tensor inputs = Objects.requireNonNull(sequence.state(scope, STATE, cache));
      return BaseConvOp.stepsWithLongKernel(
          scope.graph(), x, filter, longest, inputs, position, projection);
    }
    int steps = x.shape().extent(1);
    if (steps > longest) {
      throw new GraphException(
          "a long kernel for sequences of at most %d steps cannot read %d; make it longer, or the sequences shorter"
              .formatted(longest, steps));
    }
    return BaseConvOp.withLongKernel(
        scope.graph(), x, filter, longest, projection, sequence.offsets());
  }

  private Tensor weight(Scope scope, int from, int to) {
    return scope.parameter("weight", Shape.of(to, from), initializer);
  }

  private static Tensor bias(Scope scope, int size) {
    return scope.parameter("bias", Shape.of(size), Initializers.zeros());
  }
}
