package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gnconv.GnConvOp;
import dev.sluice.tasks.ops.gnconv.GnConvWeights;
import java.util.ArrayList;
import java.util.List;

/// HorNet's recursive gated convolution with a causal kernel over time. With `[p, f] = proj_in(x)`
/// and `[d_0, …, d_n−1] = (dwconv ∗ f) / 3`: `p_0 = p ⊙ d_0`, `p_i = pws_i−1(p_i−1) ⊙ d_i`, `y =
/// proj_out(p_n−1)`: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters, features of `D/2^(n−1), …, D/2, D` channels, `S` in all: `proj_in` `[2D, D]`,
/// `dwconv` `[S, 1, K]`, `pws.i` `[D_i+1, D_i]`, `proj_out` `[D, D]`, each with a bias. Weights
/// begin uniformly in ±1/√(terms of the sum), biases at zero. State: the last inputs of the
/// convolution, `[B, K − 1, S]`.
///
/// Source: Rao et al., "HorNet: Efficient High-Order Spatial Interactions with Recursive Gated
/// Convolutions", 2022; names as in their code, there over images.
///
/// @param width `D`, a multiple of `2^(order−1)`
/// @param order `n`, 2 to 5
/// @param kernel `K`, steps that an output depends on, at least 2
public record GnConvLayer(int width, int order, int kernel) implements Mixer {
  private static final String STATE = "conv";

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    int[] widths = GnConvWeights.widths(order, width);
    int features = 2 * width - widths[0];
    Scope in = scope.child("proj_in");
    Scope convolution = scope.child("dwconv");
    Scope out = scope.child("proj_out");
    List<GnConvWeights.Step> steps = new ArrayList<>();
    for (int i = 0; i + 1 < order; i++) {
      Scope step = scope.child("pws").child(Integer.toString(i));
      steps.add(
          new GnConvWeights.Step(
              weight(step, widths[i], widths[i + 1]), bias(step, widths[i + 1])));
    }
    Initializer taps = Initializers.symmetric(1 / Math.sqrt(kernel));
    GnConvWeights weights =
        new GnConvWeights(
            weight(in, width, 2 * width),
            bias(in, 2 * width),
            convolution
                .parameter("weight", Shape.of(features, 1, kernel), taps)
                .view(features, kernel),
            bias(convolution, features),
            steps,
            weight(out, width, width),
            bias(out, width));
    Shape stateShape = Shape.of(sequence.sequences(x.shape().extent(0)), kernel - 1, features);
    GnConvOp.Result result =
        GnConvOp.sequence(
            scope.graph(),
            x,
            weights,
            GnConvOp.SCALE,
            sequence.state(scope, STATE, stateShape),
            sequence.offsets());
    sequence.keep(scope, STATE, result.finalState());
    return result.output();
  }

  private static Tensor weight(Scope scope, int inputs, int outputs) {
    return scope.parameter(
        "weight", Shape.of(outputs, inputs), Initializers.symmetric(1 / Math.sqrt(inputs)));
  }

  private static Tensor bias(Scope scope, int outputs) {
    return scope.parameter("bias", Shape.of(outputs), Initializers.zeros());
  }
}
