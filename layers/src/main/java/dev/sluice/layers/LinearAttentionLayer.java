package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import dev.sluice.tasks.ops.linearattention.LinearAttentionOp;

/// Linear attention: `S = S + φ(k) vᵀ`, `o = (φ(q)ᵀ S) / √K` a head, then `y = W_o norm(o)`, the
/// norm a head: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters: `q_proj` `[keyWidth, D]`, `k_proj` `[keyWidth·KV/H, D]`, `v_proj` `[valueWidth·KV/H,
/// D]`, those of the maps in `feature_map_q` and `feature_map_k`, `norm` `[V]`, `o_proj` `[D,
/// valueWidth]`. State: `[B, H, K, V]`.
///
/// Source: Katharopoulos et al., "Transformers are RNNs", 2020; names as in flash-linear-attention.
///
/// @param settings sizes and options
public record LinearAttentionLayer(Settings settings) implements Mixer {
  private static final String STATE = "recurrent";

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param keyWidth keys of all query heads, `H·K`
  /// @param valueWidth values of all query heads, `H·V`
  /// @param heads `H`
  /// @param keyHeads `KV`, heads of keys and values, a divisor of `H`
  /// @param map φ
  /// @param eps of the norm
  /// @param initializer begins the weights
  public record Settings(
      int width,
      int keyWidth,
      int valueWidth,
      int heads,
      int keyHeads,
      FeatureMap map,
      float eps,
      Initializer initializer) {
    /// Checks that heads divide.
    ///
    /// @throws GraphException if heads do not divide keys and values, or key heads heads
    public Settings {
      if (keyWidth % heads != 0 || valueWidth % heads != 0 || heads % keyHeads != 0) {
        throw new GraphException(
            "linear attention with %d heads and %d key heads does not divide %d keys and %d values"
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

    Tensor q = project(scope, "q_proj", x, s.heads(), keySize);
    Tensor k = project(scope, "k_proj", x, s.keyHeads(), keySize);
    Tensor v = project(scope, "v_proj", x, s.keyHeads(), valueSize);
    q = s.map().forward(scope.child("feature_map_q"), q, s.initializer());
    k = s.map().forward(scope.child("feature_map_k"), k, s.initializer());

    int sequences = sequence.sequences(x.shape().extent(0));
    GatedLinearAttention.Result mixed =
        LinearAttentionOp.apply(
            graph,
            q,
            Heads.repeat(graph, k, group),
            Heads.repeat(graph, v, group),
            (float) (1 / Math.sqrt(keySize)),
            sequence.state(scope, STATE, Shape.of(sequences, s.heads(), keySize, valueSize)),
            sequence.offsets());
    sequence.keep(scope, STATE, mixed.finalState());
    return new HeadOutput(s.width(), false, "norm", s.eps(), s.initializer())
        .forward(scope, x, mixed.output());
  }

  private Tensor project(Scope scope, String name, Tensor x, int heads, int size) {
    Linear map = Linear.withoutBias(settings.width(), heads * size, settings.initializer());
    return Heads.split(map.forward(scope.child(name), x), heads);
  }
}
