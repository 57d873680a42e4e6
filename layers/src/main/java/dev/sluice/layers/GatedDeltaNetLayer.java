package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleOp;
import dev.sluice.tasks.ops.gateddeltarule.QkNorm;

/// The gated delta rule: `S ← e^g S`, `S ← S + β k (v − Sᵀk)ᵀ`, `o = Sᵀq / √K` a value head, with
/// `g = −e^A · softplus(W_a x + b)`, `β = σ(W_b x)`, `q` and `k` of unit length: `[B, T, D]` → `[B,
/// T, D]`.
///
/// Parameters: `q_proj`, `k_proj` `[H·K, D]`, `v_proj` `[HV·V, D]`, `a_proj`, `b_proj` `[HV, D]`,
/// `A_log` `[HV]`, begun at the logarithm of what is uniform in (0, 16), `dt_bias` `[HV]`, begun so
/// that `softplus` of it is between 0.001 and 0.1, `g_proj` `[HV·V, D]` with an output gate,
/// `o_norm` `[V]`, `o_proj` `[D, HV·V]`; with short convolutions `q_conv1d`, `k_conv1d`,
/// `v_conv1d`. State: `[B, HV, K, V]`.
///
/// Source: Yang, Kautz and Hatamizadeh, "Gated Delta Networks", 2024; names and initial values as
/// in flash-linear-attention.
///
/// @param settings sizes and options
public record GatedDeltaNetLayer(Settings settings) implements Mixer {
  private static final double LARGEST_DECAY = 16;
  private static final double SHORTEST_STEP = 1e-3;
  private static final double LONGEST_STEP = 0.1;
  private static final double LEAST_STEP = 1e-4;
  private static final String STATE = "recurrent";

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param heads `H`, of queries and keys
  /// @param valueHeads `HV`, a multiple of `H`
  /// @param keySize `K`
  /// @param valueSize `V`
  /// @param convolution steps of the short convolutions, 0 for none
  /// @param outputGate whether the output is gated
  /// @param negativeEigenvalues whether `β` goes up to 2
  /// @param eps of the norm
  /// @param initializer begins the weights
  public record Settings(
      int width,
      int heads,
      int valueHeads,
      int keySize,
      int valueSize,
      int convolution,
      boolean outputGate,
      boolean negativeEigenvalues,
      float eps,
      Initializer initializer) {}

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    int batch = x.shape().extent(0);
    int steps = x.shape().extent(1);
    Shape keys = Shape.of(batch, steps, s.heads(), s.keySize());
    Shape values = Shape.of(batch, steps, s.valueHeads(), s.valueSize());
    Tensor q = project(scope, "q", x, keys, sequence);
    Tensor k = project(scope, "k", x, keys, sequence);
    Tensor v = project(scope, "v", x, values, sequence);

    Shape states = Shape.of(sequence.sequences(batch), s.valueHeads(), s.keySize(), s.valueSize());
    GatedDeltaRuleOp.Result mixed =
        GatedDeltaRuleOp.apply(
            graph,
            q,
            k,
            v,
            gate(scope, x),
            DeltaKeys.beta(scope, x, s.valueHeads(), s.negativeEigenvalues(), s.initializer()),
            QkNorm.L2,
            (float) (1 / Math.sqrt(s.keySize())),
            sequence.state(scope, STATE, states),
            sequence.offsets());
    sequence.keep(scope, STATE, mixed.finalState());
    return new HeadOutput(s.width(), s.outputGate(), "o_norm", s.eps(), s.initializer())
        .forward(scope, x, mixed.output());
  }

  private Tensor project(
      Scope scope, String name, Tensor x, Shape shape, SequenceContext sequence) {
    return new Projection(
            settings.width(),
            shape.extent(2) * shape.extent(3),
            settings.convolution(),
            Projection.Silu.ALWAYS,
            settings.initializer())
        .forward(scope, name, x, sequence)
        .view(shape);
  }

  private Tensor gate(Scope scope, Tensor x) {
    Graph graph = scope.graph();
    Shape heads = Shape.of(settings.valueHeads());
    Tensor logarithm =
        scope.undecayed("A_log", heads, Initializers.uniform(u -> Math.log(LARGEST_DECAY * u)));
    Tensor bias =
        scope.undecayed(
            "dt_bias", heads, Initializers.stepSizeBias(SHORTEST_STEP, LONGEST_STEP, LEAST_STEP));
    Tensor a =
        Linear.withoutBias(settings.width(), settings.valueHeads(), settings.initializer())
            .forward(scope.child("a_proj"), x);
    Tensor step = ElementwiseOp.softplus(graph, ElementwiseOp.addRow(graph, a, bias));
    Tensor rate = ElementwiseOp.scale(graph, ElementwiseOp.exp(graph, logarithm), -1);
    return ElementwiseOp.multiplyRow(graph, step, rate);
  }
}
