package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;

/// A linear map, followed by a short convolution if there is one: `[B, T, inputs]` → `[B, T,
/// outputs]`. It is how mixers come by their queries, keys and values.
///
/// Parameters, for the name `q`: `q_proj.weight` `[outputs, inputs]` and, with a convolution,
/// `q_conv1d.weight` `[outputs, 1, convolution]`. State: that of the convolution.
///
/// @param inputs innermost extent of the input
/// @param outputs innermost extent of the output
/// @param convolution steps of the convolution, 0 for none
/// @param silu where SiLU comes last
/// @param initializer begins the weights
record Projection(int inputs, int outputs, int convolution, Silu silu, Initializer initializer) {
  private static final String LINEAR = "_proj";
  private static final String CONVOLUTION = "_conv1d";

  /// Where SiLU comes last.
  enum Silu {
    /// Nowhere.
    NEVER,
    /// After a convolution.
    CONVOLVED,
    /// With or without a convolution.
    ALWAYS
  }

  /// Appends the layer.
  Tensor forward(Scope scope, String name, Tensor x, SequenceContext sequence) {
    return finish(scope, name, linear().forward(scope.child(name + LINEAR), x), sequence);
  }

  /// The linear map in its place, for [Linear#together].
  Linear.Placed placed(Scope scope, String name) {
    return linear().at(scope.child(name + LINEAR));
  }

  private Linear linear() {
    return Linear.withoutBias(inputs, outputs, initializer);
  }

  /// Appends what comes behind the linear map.
  ///
  /// @param y what the map gave
  Tensor finish(Scope scope, String name, Tensor y, SequenceContext sequence) {
    if (convolution > 0) {
      boolean activated = silu != Silu.NEVER;
      return new ShortConvolution(outputs, convolution, false, activated, initializer)
          .forward(scope.child(name + CONVOLUTION), y, sequence);
    }
    return silu == Silu.ALWAYS ? ElementwiseOp.silu(scope.graph(), y) : y;
  }
}
