package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.clamp.ClampOp;
import dev.sluice.tasks.ops.columns.ColumnsOp;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.ssd.SsdOp;
import dev.sluice.tasks.ops.swiglu.SwigluOp;
import org.jspecify.annotations.Nullable;

/// Mamba-2: `[z, u, d] = in(x)`, `[v, B, C] = silu(conv(u))`, `Δ = softplus(d + dt_bias)` (between
/// limits, if there are any); then a head `S = e^(Δ a) S + Δ B vᵀ`, `y = Cᵀ S + D v` with `a =
/// −e^A_log`, and `out(norm(y ⊙ silu(z)))`: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters, `I = H·P` the inner width, `G` groups of `N` states, `E = I+2GN`: `in_proj` `[I+E+H,
/// D]`; `conv1d` `[E, 1, W]` and its bias `[E]`; `dt_bias`, `A_log` and `D` `[H]` (`D` `[I]` if
/// every channel has its own), `D` begun at one; `norm` `[I]`, begun at one; `out_proj` `[D, I]`.
/// State: the convolution's `[B, W−1, E]` and the scan's `[B, H, N, P]`.
///
/// Source: Dao and Gu, "Transformers are SSMs: Generalized Models and Efficient Algorithms Through
/// Structured State Space Duality", 2024; names and beginnings as in flash-linear-attention.
///
/// Head `h` takes `B` and `C` of group `⌊h·G/H⌋`: heads of a group stand together. So it is in the
/// kernels of Mamba-2's authors, for whole sequences and for single tokens, in which models are
/// trained, and in flash-linear-attention's decoding without kernels. Only its path for whole
/// sequences without kernels deals heads to groups in turn (`h mod G`), which for `1 < G < H`
/// contradicts its own decoding; that is not followed.
///
/// @param settings sizes and options
/// @param beginnings how the parameters begin
public record Mamba2Layer(Settings settings, Beginnings beginnings) implements Mixer {
  private static final String STATE = "scan";

  /// Where the normalization stands.
  public enum Norm {
    /// `y ⊙ silu(z)`
    NONE,
    /// `norm(y) ⊙ silu(z)`
    BEFORE_GATE,
    /// `norm(y ⊙ silu(z))`
    AFTER_GATE
  }

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param heads `H`
  /// @param headSize `P`
  /// @param groups `G`, a divisor of `H`; each is normalized by itself
  /// @param stateSize `N`
  /// @param convolution `W`, steps of the convolution, at least 2
  /// @param convolutionBias whether the convolution has a bias
  /// @param bias whether `in_proj` and `out_proj` have one
  /// @param skipPerChannel whether every channel has its own `D`, not every head
  /// @param leastStep what Δ is at least, 0 for no limit
  /// @param mostStep what Δ is at most, infinity for no limit
  /// @param norm where the normalization stands
  /// @param eps of the norm
  public record Settings(
      int width,
      int heads,
      int headSize,
      int groups,
      int stateSize,
      int convolution,
      boolean convolutionBias,
      boolean bias,
      boolean skipPerChannel,
      double leastStep,
      double mostStep,
      Norm norm,
      float eps) {
    int inner() {
      return heads * headSize;
    }

    int groupStates() {
      return groups * stateSize;
    }

    boolean limited() {
      return leastStep > 0 || !Double.isInfinite(mostStep);
    }
  }

  /// How the parameters begin.
  ///
  /// @param weights of `in_proj`
  /// @param convolution weights of the convolution
  /// @param stepBias `dt_bias`
  /// @param logDecay `A_log`
  /// @param output weights of `out_proj`
  public record Beginnings(
      Initializer weights,
      Initializer convolution,
      Initializer stepBias,
      Initializer logDecay,
      Initializer output) {}

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    int batch = x.shape().extent(0);
    int steps = x.shape().extent(1);
    int inner = s.inner();
    int convolved = inner + 2 * s.groupStates();
    int heads = s.heads();
    Tensor all =
        new Linear(s.width(), inner + convolved + heads, s.bias(), beginnings.weights())
            .forward(scope.child("in_proj"), x);
    Tensor z = ColumnsOp.slice(graph, all, 0, inner);
    Tensor delta = ColumnsOp.slice(graph, all, inner + convolved, inner + convolved + heads);
    Tensor mixed =
        new ShortConvolution(
                convolved, s.convolution(), s.convolutionBias(), true, beginnings.convolution())
            .forward(
                scope.child("conv1d"),
                ColumnsOp.slice(graph, all, inner, inner + convolved),
                sequence);
    Tensor v = ColumnsOp.slice(graph, mixed, 0, inner);
    Tensor b = ColumnsOp.slice(graph, mixed, inner, inner + s.groupStates());
    Tensor c = ColumnsOp.slice(graph, mixed, inner + s.groupStates(), convolved);

    Tensor logDecay = scope.undecayed("A_log", Shape.of(heads), beginnings.logDecay());
    Tensor skip =
        scope.undecayed("D", Shape.of(s.skipPerChannel() ? inner : heads), Initializers.ones());
    Shape stateShape = Shape.of(sequence.sequences(batch), heads, s.stateSize(), s.headSize());
    @Nullable Tensor perHead = s.skipPerChannel() ? null : skip;
    @Nullable Tensor stepBias = scope.undecayed("dt_bias", Shape.of(heads), beginnings.stepBias());
    if (s.limited()) {
      delta = limited(graph, ElementwiseOp.addRow(graph, delta, stepBias));
      stepBias = null;
    }
    SsdOp.Result scanned =
        SsdOp.apply(
            graph,
            v.view(batch, steps, heads, s.headSize()),
            delta,
            ElementwiseOp.scale(graph, ElementwiseOp.exp(graph, logDecay), -1),
            b.view(batch, steps, s.groups(), s.stateSize()),
            c.view(batch, steps, s.groups(), s.stateSize()),
            perHead,
            stepBias,
            sequence.state(scope, STATE, stateShape),
            sequence.offsets());
    sequence.keep(scope, STATE, scanned.finalState());
    Tensor y = scanned.output().view(batch, steps, inner);
    if (s.skipPerChannel()) {
      y = ElementwiseOp.add(graph, y, ElementwiseOp.multiplyRow(graph, v, skip));
    }
    return new Linear(inner, s.width(), s.bias(), beginnings.output())
        .forward(scope.child("out_proj"), gated(scope, y, z));
  }

  /// Softplus only rises, so limits of Δ are limits of what goes into it.
  private Tensor limited(Graph graph, Tensor raw) {
    return ClampOp.apply(
        graph, raw, beforeSoftplus(settings.leastStep()), beforeSoftplus(settings.mostStep()));
  }

  private static float beforeSoftplus(double step) {
    double raw = step + Math.log(-Math.expm1(-step));
    return (float) Math.clamp(raw, -Float.MAX_VALUE, Float.MAX_VALUE);
  }

  private Tensor gated(Scope scope, Tensor y, Tensor z) {
    Graph graph = scope.graph();
    RmsNorm norm = new RmsNorm(settings.inner(), settings.eps());
    Scope normScope = scope.child("norm");
    return switch (settings.norm()) {
      case NONE -> SwigluOp.apply(graph, z, y);
      case AFTER_GATE -> norm.grouped(normScope, SwigluOp.apply(graph, z, y), settings.groups());
      case BEFORE_GATE -> SwigluOp.apply(graph, z, norm.grouped(normScope, y, settings.groups()));
    };
  }
}
