package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import dev.sluice.tasks.ops.retention.RetentionOp;
import dev.sluice.tasks.ops.rotary.RotaryOp;
import org.jspecify.annotations.Nullable;

/// Multi-scale retention: `S = (1 − 2^(−5−h)) S + k vᵀ`, `o = (qᵀ S) / √K` for head `h`, with
/// rotary positions on queries and keys, normalised a head and gated: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters: `q_proj` `[keyWidth, D]`, `k_proj` `[keyWidth·KV/H, D]`, `v_proj` `[valueWidth·KV/H,
/// D]`, `g_proj` `[valueWidth, D]`, `g_norm_swish_gate` `[V]` (`g_norm` without output gate or
/// where it is not fused), `o_proj` `[D, valueWidth]`. State: `[B, H, K, V]`.
///
/// Source: Sun et al., "Retentive Network: A Successor to Transformer for Large Language Models",
/// 2023; names as in flash-linear-attention.
///
/// @param settings sizes and options
public record RetentionLayer(Settings settings) implements Mixer {
  private static final float ROTARY_BASE = 10000;
  private static final String STATE = "recurrent";

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param keyWidth keys of all query heads, `H·K`
  /// @param valueWidth values of all query heads, `H·V`
  /// @param heads `H`
  /// @param keyHeads `KV`, heads of keys and values, a divisor of `H`
  /// @param map what is done to queries and keys before they are rotated
  /// @param outputGate whether the output is gated
  /// @param fusedNorm whether norm and gate are named as one
  /// @param eps of the norm
  /// @param initializer begins the weights
  public record Settings(
      int width,
      int keyWidth,
      int valueWidth,
      int heads,
      int keyHeads,
      Activation map,
      boolean outputGate,
      boolean fusedNorm,
      float eps,
      Initializer initializer) {
    /// Checks that heads divide.
    ///
    /// @throws GraphException if keys are not an even number a head, or heads do not divide values,
    ///   or key heads do not divide heads
    public Settings {
      if (keyWidth % (2 * heads) != 0 || valueWidth % heads != 0 || heads % keyHeads != 0) {
        throw new GraphException(
            ("retention with %d heads and %d key heads does not divide %d keys, an even number each, "
                    + "and %d values equally")
                .formatted(heads, keyHeads, keyWidth, valueWidth));
      }
    }
  }

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    int keySize = s.keyWidth() / s.heads();
    int valueSize = s.valueWidth() / s.heads();
    int group = s.heads() / s.keyHeads();
    @Nullable Tensor positions = sequence.positions(graph, x.shape().extent(1));

    Tensor q = project(scope, "q_proj", x, s.heads(), keySize);
    Tensor k = project(scope, "k_proj", x, s.keyHeads(), keySize);
    Tensor v = project(scope, "v_proj", x, s.keyHeads(), valueSize);
    q = RotaryOp.apply(graph, s.map().forward(graph, q), positions, ROTARY_BASE);
    k = RotaryOp.apply(graph, s.map().forward(graph, k), positions, ROTARY_BASE);

    int sequences = sequence.sequences(x.shape().extent(0));
    GatedLinearAttention.Result mixed =
        RetentionOp.apply(
            graph,
            q,
            Heads.repeat(graph, k, group),
            Heads.repeat(graph, v, group),
            (float) (1 / Math.sqrt(keySize)),
            sequence.state(scope, STATE, Shape.of(sequences, s.heads(), keySize, valueSize)),
            sequence.offsets());
    sequence.keep(scope, STATE, mixed.finalState());
    String norm = HeadOutput.norm(s.outputGate() && s.fusedNorm());
    return new HeadOutput(s.width(), s.outputGate(), norm, s.eps(), s.initializer())
        .forward(scope, x, mixed.output());
  }

  private Tensor project(Scope scope, String name, Tensor x, int heads, int size) {
    Linear map = Linear.withoutBias(settings.width(), heads * size, settings.initializer());
    return Heads.split(map.forward(scope.child(name), x), heads);
  }
}
