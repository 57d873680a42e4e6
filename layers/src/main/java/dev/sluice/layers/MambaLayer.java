package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.columns.ColumnsOp;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.linear.LinearOp;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp;

/// Mamba: `[u, z] = in(x)`, `u = silu(conv(u))`, `[r, B, C] = x_proj(u)`, `Δ = softplus(W r + b)`;
/// then a channel `s = e^(Δ A) s + Δ B u`, `y = (C·s + D u) silu(z)` with `A = −e^A_log`, and
/// `out(y)`: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters, `I` the inner width, `N` the state size, `R` the rank of the step: `in_proj` `[2I,
/// D]`; `conv1d` `[I, 1, W]` and its bias `[I]`, begun uniformly in ±1/√W; `x_proj` `[R + 2N, I]`;
/// `dt_proj.weight` `[I, R]` and `dt_proj.bias` `[I]`, begun as the settings say; `A_log` `[I, N]`,
/// begun at `log(n + 1)`; `D` `[I]`, begun at one; `out_proj` `[D, I]`. State: the convolution's
/// `[B, W − 1, I]` and the scan's `[B, I, N]`.
///
/// Source: Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023;
/// names and beginnings as in flash-linear-attention.
///
/// @param settings sizes and options
public record MambaLayer(Settings settings) implements Mixer {
  private static final String STATE = "scan";

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param inner `I`
  /// @param stateSize `N`
  /// @param rank `R`
  /// @param convolution `W`, steps of the convolution, at least 2
  /// @param convolutionBias whether the convolution has a bias
  /// @param bias whether `in_proj` and `out_proj` have one
  /// @param stepWeight begins `dt_proj.weight`
  /// @param stepBias begins `dt_proj.bias`
  /// @param output begins `out_proj.weight`
  /// @param initializer begins the other weights
  public record Settings(
      int width,
      int inner,
      int stateSize,
      int rank,
      int convolution,
      boolean convolutionBias,
      boolean bias,
      Initializer stepWeight,
      Initializer stepBias,
      Initializer output,
      Initializer initializer) {}

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    int inner = s.inner();
    Tensor both =
        new Linear(s.width(), 2 * inner, s.bias(), s.initializer())
            .forward(scope.child("in_proj"), x);
    Tensor z = ColumnsOp.slice(graph, both, inner, 2 * inner);
    Initializer kernel = Initializers.symmetric(1 / Math.sqrt(s.convolution()));
    Tensor u =
        new ShortConvolution(
                inner, s.convolution(), s.convolutionBias() ? kernel : null, true, kernel)
            .forward(scope.child("conv1d"), ColumnsOp.slice(graph, both, 0, inner), sequence);

    int rank = s.rank();
    int states = s.stateSize();
    Tensor selected =
        Linear.withoutBias(inner, rank + 2 * states, s.initializer())
            .forward(scope.child("x_proj"), u);
    Tensor low = ColumnsOp.slice(graph, selected, 0, rank);
    Tensor b = ColumnsOp.slice(graph, selected, rank, rank + states);
    Tensor c = ColumnsOp.slice(graph, selected, rank + states, rank + 2 * states);
    Scope step = scope.child("dt_proj");
    Tensor delta =
        LinearOp.apply(
            graph, low, step.parameter("weight", Shape.of(inner, rank), s.stepWeight()), null);

    Tensor logA = scope.undecayed("A_log", Shape.of(inner, states), this::logIndex);
    Shape stateShape = Shape.of(sequence.sequences(x.shape().extent(0)), inner, states);
    SelectiveScanOp.Result scanned =
        SelectiveScanOp.apply(
            graph,
            u,
            delta,
            ElementwiseOp.scale(graph, ElementwiseOp.exp(graph, logA), -1),
            b,
            c,
            scope.undecayed("D", Shape.of(inner), Initializers.ones()),
            z,
            step.parameter("bias", Shape.of(inner), s.stepBias()),
            sequence.state(scope, STATE, stateShape),
            sequence.offsets());
    sequence.keep(scope, STATE, scanned.finalState());
    return new Linear(inner, s.width(), s.bias(), s.output())
        .forward(scope.child("out_proj"), scanned.output());
  }

  private void logIndex(float[] values, long seed, String name) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.log(i % settings.stateSize() + 1.0);
    }
  }
}
