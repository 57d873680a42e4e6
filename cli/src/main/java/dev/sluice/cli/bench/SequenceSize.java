package dev.sluice.cli.bench;

/// The size of what an op works on.
///
/// @param batch `B`
/// @param length `T`
/// @param heads `H`
/// @param keys `K`, of a head
/// @param values `V`, of a head
public record SequenceSize(int batch, int length, int heads, int keys, int values) {
  /// This size with another length.
  public SequenceSize ofLength(int other) {
    return new SequenceSize(batch, other, heads, keys, values);
  }

  /// `D`: channels of all heads.
  public int channels() {
    return heads * values;
  }

  /// `B·T`
  public double tokens() {
    return (double) batch * length;
  }

  /// Rows of an image of as many points as a sequence has steps: the least divisor of `T` from its
  /// square root on.
  public int imageHeight() {
    int height = (int) Math.ceil(Math.sqrt(length));
    while (length % height != 0) {
      height++;
    }
    return height;
  }

  @Override
  public String toString() {
    return "B%d T%d H%d K%d V%d".formatted(batch, length, heads, keys, values);
  }
}
