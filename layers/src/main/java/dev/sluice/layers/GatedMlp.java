package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.swiglu.SwigluOp;

/// The SwiGLU feed-forward layer: `down(silu(gate(x)) · up(x))`, `[…, D]` → `[…, D]`.
///
/// Parameters: `gate_proj.weight`, `up_proj.weight` `[intermediate, D]`, `down_proj.weight` `[D,
/// intermediate]`. Source: Shazeer, "GLU Variants Improve Transformer", 2020.
///
/// @param width `D`
/// @param intermediate width inside
/// @param initializer begins the weights
public record GatedMlp(int width, int intermediate, Initializer initializer) {
  private static final int MULTIPLE = 256;

  /// The width inside that flash-linear-attention takes: 2/3 of `ratio · width`, rounded up to a
  /// multiple of 256.
  public static int intermediate(int width, int ratio) {
    int wanted = (int) (width * (double) ratio * 2 / 3);
    return MULTIPLE * ((wanted + MULTIPLE - 1) / MULTIPLE);
  }

  /// Appends the layer.
  public Tensor forward(Scope scope, Tensor x) {
    Linear in = Linear.withoutBias(width, intermediate, initializer);
    Tensor gate = in.forward(scope.child("gate_proj"), x);
    Tensor up = in.forward(scope.child("up_proj"), x);
    Tensor hidden = SwigluOp.apply(scope.graph(), gate, up);
    return Linear.withoutBias(intermediate, width, initializer)
        .forward(scope.child("down_proj"), hidden);
  }
}
