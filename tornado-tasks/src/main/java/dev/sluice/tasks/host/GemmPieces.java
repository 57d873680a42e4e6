package dev.sluice.tasks.host;

/// The operands and results of products that have one operand in common, as [Gemm#shareRight] and
/// [Gemm#shareLeft] take them: pieces of one product, numbered through. Made once, so that a call
/// allocates nothing.
public final class GemmPieces {
  private final float[][] inputs;
  private final float[][] outputs;
  private final boolean[] accumulate;

  /// Where pieces begin in the rows or columns of all, and behind the last where they end.
  private final int[] begins;

  /// Arrays are kept, not copied.
  ///
  /// @param sizes rows or columns that each has of the result
  /// @param inputs each one's own operand, a row directly behind the other
  /// @param outputs the results, a row directly behind the other; none may be another
  /// @param accumulate which results are Accumulated; others are Overwritten
  /// @throws IllegalArgumentException if there are not as many of one as of the other, or a size is
  ///   not positive
  public GemmPieces(int[] sizes, float[][] inputs, float[][] outputs, boolean[] accumulate) {
    int count = sizes.length;
    if (inputs.length != count || outputs.length != count || accumulate.length != count) {
      throw new IllegalArgumentException(
          "matrix products of %d sizes, %d operands, %d results, %d flags"
              .formatted(count, inputs.length, outputs.length, accumulate.length));
    }
    this.inputs = inputs;
    this.outputs = outputs;
    this.accumulate = accumulate;
    begins = new int[count + 1];
    for (int i = 0; i < count; i++) {
      if (sizes[i] < 1) {
        throw new IllegalArgumentException("matrix product: size " + sizes[i] + " of piece " + i);
      }
      begins[i + 1] = begins[i] + sizes[i];
    }
  }

  int count() {
    return inputs.length;
  }

  /// Rows or columns of all.
  int total() {
    return begins[inputs.length];
  }

  int size(int piece) {
    return begins[piece + 1] - begins[piece];
  }

  int begin(int piece) {
    return begins[piece];
  }

  int end(int piece) {
    return begins[piece + 1];
  }

  /// The piece that has row or column `index` of all.
  int at(int index) {
    int piece = 0;
    while (begins[piece + 1] <= index) {
      piece++;
    }
    return piece;
  }

  float[] input(int piece) {
    return inputs[piece];
  }

  float[] output(int piece) {
    return outputs[piece];
  }

  boolean accumulates(int piece) {
    return accumulate[piece];
  }

  /// Whether every size is a multiple of `unit`.
  boolean wholeMultiplesOf(int unit) {
    for (int begin : begins) {
      if (begin % unit != 0) {
        return false;
      }
    }
    return true;
  }
}
