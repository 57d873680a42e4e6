package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import org.jspecify.annotations.Nullable;

/// Sizes of one use of the op.
///
/// @param sequences sequences with a state of their own
/// @param rows time steps of all sequences
/// @param length time steps of a sequence, of all of them where packed
/// @param heads heads
/// @param keySize keys of a head
/// @param valueSize values of a head
/// @param packed whether offsets say where sequences begin
/// @param gate what the gate depends on
/// @param scale factor of the queries
public record GlaDimensions(
    int sequences,
    int rows,
    int length,
    int heads,
    int keySize,
    int valueSize,
    boolean packed,
    GateKind gate,
    float scale) {

  /// The sizes that the tensors have.
  ///
  /// @throws GraphException if a shape does not fit, naming the tensor
  static GlaDimensions of(GlaInputs inputs, GateKind gate, float scale) {
    Shape query = inputs.q().shape();
    Shape value = inputs.v().shape();
    if (query.rank() != 4 || value.rank() != 4) {
      Tensor wrong = query.rank() != 4 ? inputs.q() : inputs.v();
      throw new GraphException(
          "tensor '%s' has shape %s where [B, T, H, size] is needed"
              .formatted(wrong.name(), wrong.shape()));
    }
    int batch = query.extent(0);
    int length = query.extent(1);
    int heads = query.extent(2);
    int keySize = query.extent(3);
    int valueSize = value.extent(3);
    inputs.k().expect(query);
    inputs.v().expect(Shape.of(batch, length, heads, valueSize));
    inputs
        .g()
        .expect(
            switch (gate) {
              case KEY -> query;
              case HEAD -> Shape.of(batch, length, heads);
              case FIXED -> Shape.of(heads);
            });
    int sequences = sequences(batch, inputs.offsets());
    if (inputs.initialState() != null) {
      inputs.initialState().expect(Shape.of(sequences, heads, keySize, valueSize));
    }
    boolean packed = inputs.offsets() != null;
    return new GlaDimensions(
        sequences, batch * length, length, heads, keySize, valueSize, packed, gate, scale);
  }

  private static int sequences(int batch, @Nullable Tensor offsets) {
    if (offsets == null) {
      return batch;
    }
    if (batch != 1 || offsets.shape().rank() != 1 || offsets.size() < 2) {
      throw new GraphException(
          "tensor '%s' %s packs sequences: it must be [N + 1], and the batch 1, not %d"
              .formatted(offsets.name(), offsets.shape(), batch));
    }
    return offsets.size() - 1;
  }

  /// `[N, H, K, V]`
  Shape stateShape() {
    return Shape.of(sequences, heads, keySize, valueSize);
  }

  /// `[rows, H, K]`
  Shape keyShape() {
    return Shape.of(rows, heads, keySize);
  }

  /// 1 if packed, for kernels.
  int packedFlag() {
    return packed ? 1 : 0;
  }
}
