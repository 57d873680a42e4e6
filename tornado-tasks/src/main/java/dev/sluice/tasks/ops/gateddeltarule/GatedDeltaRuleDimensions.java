package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import org.jspecify.annotations.Nullable;

/// Sizes of one use of the op.
///
/// @param batch `B`
/// @param length `T`
/// @param sequences `N`: those of the offsets where packed, else `B`
/// @param keyHeads `H`
/// @param valueHeads `HV`
/// @param keySize `K`
/// @param valueSize `V`
/// @param scale factor of the output
/// @param norm of the rows of `q` and `k`
record GatedDeltaRuleDimensions(
    int batch,
    int length,
    int sequences,
    int keyHeads,
    int valueHeads,
    int keySize,
    int valueSize,
    float scale,
    QkNorm norm) {
  /// Takes the sizes from `q` `[B, T, H, K]` and `v` `[B, T, HV, V]`.
  ///
  /// @throws GraphException if they do not go together
  static GatedDeltaRuleDimensions of(
      String op, Tensor q, Tensor v, QkNorm norm, float scale, @Nullable Tensor cuSeqlens) {
    Shape query = q.shape();
    Shape value = v.shape();
    if (query.rank() != 4 || value.rank() != 4) {
      throw new GraphException(
          "%s: q %s and v %s must be [B, T, heads, size]".formatted(op, query, value));
    }
    if (value.extent(2) % query.extent(2) != 0) {
      throw new GraphException(
          "%s: %d value heads are no multiple of %d key heads"
              .formatted(op, value.extent(2), query.extent(2)));
    }
    if (cuSeqlens != null && query.extent(0) != 1) {
      throw new GraphException(
          "%s: packed sequences need a batch of 1, not %d".formatted(op, query.extent(0)));
    }
    return new GatedDeltaRuleDimensions(
        query.extent(0),
        query.extent(1),
        cuSeqlens == null ? query.extent(0) : cuSeqlens.size() - 1,
        query.extent(2),
        value.extent(2),
        query.extent(3),
        value.extent(3),
        scale,
        norm);
  }

  /// Whether the op divides the rows of `q` and `k` by their length.
  boolean normalized() {
    return norm == QkNorm.L2;
  }

  /// The same for `q` and `k` that are divided by their length already.
  GatedDeltaRuleDimensions withoutNorm() {
    return new GatedDeltaRuleDimensions(
        batch, length, sequences, keyHeads, valueHeads, keySize, valueSize, scale, QkNorm.NONE);
  }

  /// `M`, tokens in all.
  int tokens() {
    return batch * length;
  }

  /// Shape of `q` and `k`.
  Shape keys() {
    return Shape.of(batch, length, keyHeads, keySize);
  }

  /// Shape of `v` and the output.
  Shape values() {
    return Shape.of(batch, length, valueHeads, valueSize);
  }

  /// Shape of `g` and `beta`.
  Shape gates() {
    return Shape.of(batch, length, valueHeads);
  }

  /// Shape of the factors that make rows of `q` and of `k` of unit length.
  Shape factors() {
    return Shape.of(batch, length, keyHeads, 2);
  }

  /// Shape of the states.
  Shape states() {
    return Shape.of(sequences, valueHeads, keySize, valueSize);
  }

  /// Shape of the states that are kept every `interval` tokens, at least one.
  Shape keptStates(int interval) {
    return Shape.of(Math.max(1, tokens() / interval), valueHeads, keySize, valueSize);
  }
}
