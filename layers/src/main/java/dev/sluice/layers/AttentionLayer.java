package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.attention.AttentionOp;
import dev.sluice.tasks.ops.attention.AttentionOptions;
import dev.sluice.tasks.ops.attentiondecode.AttentionDecodeOp;
import dev.sluice.tasks.ops.gatedattention.GatedAttentionOp;
import dev.sluice.tasks.ops.rotary.RotaryOp;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Causal softmax attention with rotary positions and grouped heads, and a gate behind it if asked
/// for: `o[t,h] = σ(gate[t,h]) ⊙ Σ_s softmax_s(q[t,h]·k[s,h'] / √(D/H)) v[s,h']`, then `y = W_o o`:
/// `[B, T, D]` → `[B, T, D]`.
///
/// Parameters: `q_proj` `[D, D]`, `k_proj`, `v_proj` `[KV·D/H, D]`, with biases (begun at zero) if
/// asked for; `q_norm`, `k_norm` `[D/H]` where queries and keys are normalised a head; `g_proj`
/// `[H, D]` or `[D, D]` for a gate a head or an element; `o_proj` `[D, D]`. State: caches of keys
/// and values, `[B, slots, KV, D/H]` each, of as many slots as [SequenceContext#cacheSlots] says.
///
/// Source: Vaswani et al., "Attention Is All You Need", 2017; the gate: Qiu et al., "Gated
/// Attention for Large Language Models", 2025; names, and everything but the gate, as in
/// flash-linear-attention.
///
/// @param settings sizes and options
public record AttentionLayer(Settings settings) implements Mixer {
  /// Of the norms of queries and keys: flash-linear-attention keeps it whatever `norm_eps` is.
  private static final float EPS = 1e-5f;

  private static final String KEYS = "keys";
  private static final String VALUES = "values";

  /// What is gated after attention.
  public enum Gate {
    /// Nothing.
    NONE,
    /// Each head by a number.
    HEAD,
    /// Each element.
    ELEMENT
  }

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param heads `H`
  /// @param keyHeads `KV`, heads of keys and values, a divisor of `H`
  /// @param bias whether the maps to queries, keys and values have a bias
  /// @param normalized whether queries and keys are normalised a head
  /// @param window how many tokens a token sees, itself among them; 0 for all
  /// @param rotaryBase base of the rotary wave lengths
  /// @param gate what is gated after attention
  /// @param initializer begins the weights
  public record Settings(
      int width,
      int heads,
      int keyHeads,
      boolean bias,
      boolean normalized,
      int window,
      float rotaryBase,
      Gate gate,
      Initializer initializer) {
    /// Checks that heads divide.
    ///
    /// @throws GraphException if the width is not an even number a head or key heads do not divide
    ///   heads
    public Settings {
      if (width % (2 * heads) != 0) {
        throw new GraphException(
            "attention over a width of %d cannot have %d heads; each needs an even, equal part"
                .formatted(width, heads));
      }
      if (heads % keyHeads != 0) {
        throw new GraphException(
            "%d attention heads cannot share %d key heads; make it a multiple"
                .formatted(heads, keyHeads));
      }
    }

    int headSize() {
      return width / heads;
    }
  }

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    int batch = x.shape().extent(0);
    int steps = x.shape().extent(1);
    @Nullable Tensor positions = sequence.positions(graph, steps);
    Tensor q =
        RotaryOp.apply(
            graph, heads(scope, "q", x, settings.heads()), positions, settings.rotaryBase());
    Tensor k =
        RotaryOp.apply(
            graph, heads(scope, "k", x, settings.keyHeads()), positions, settings.rotaryBase());
    Tensor v = project(scope, "v", x, settings.keyHeads());
    Tensor o = gated(scope, x, attend(scope, q, k, v, sequence));
    return Linear.withoutBias(settings.width(), settings.width(), settings.initializer())
        .forward(scope.child("o_proj"), o.view(batch, steps, settings.width()));
  }

  private Tensor heads(Scope scope, String name, Tensor x, int heads) {
    Tensor y = project(scope, name, x, heads);
    return settings.normalized()
        ? new RmsNorm(settings.headSize(), EPS).forward(scope.child(name + "_norm"), y)
        : y;
  }

  private Tensor project(Scope scope, String name, Tensor x, int heads) {
    Tensor y =
        new Linear(
                settings.width(),
                heads * settings.headSize(),
                settings.bias(),
                settings.initializer())
            .forward(scope.child(name + "_proj"), x);
    return Heads.split(y, heads);
  }

  private Tensor attend(Scope scope, Tensor q, Tensor k, Tensor v, SequenceContext sequence) {
    AttentionOptions all = AttentionOptions.causal(settings.headSize());
    AttentionOptions options = new AttentionOptions(true, settings.window(), all.scale());
    Tensor position = sequence.position();
    if (position == null) {
      return AttentionOp.apply(scope.graph(), q, k, v, options, sequence.offsets());
    }
    Shape cache =
        Shape.of(
            q.shape().extent(0),
            sequence.cacheSlots(settings.window()),
            settings.keyHeads(),
            settings.headSize());
    return AttentionDecodeOp.apply(
        scope.graph(),
        q,
        k,
        v,
        Objects.requireNonNull(sequence.state(scope, KEYS, cache)),
        Objects.requireNonNull(sequence.state(scope, VALUES, cache)),
        position,
        options);
  }

  private Tensor gated(Scope scope, Tensor x, Tensor o) {
    int gates =
        switch (settings.gate()) {
          case NONE -> 0;
          case HEAD -> settings.heads();
          case ELEMENT -> settings.width();
        };
    if (gates == 0) {
      return o;
    }
    Tensor gate =
        Linear.withoutBias(settings.width(), gates, settings.initializer())
            .forward(scope.child("g_proj"), x);
    return GatedAttentionOp.gate(scope.graph(), o, gate);
  }
}
