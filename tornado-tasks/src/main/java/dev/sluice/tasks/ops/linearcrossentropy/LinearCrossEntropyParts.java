package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.graph.Shape;

/// How the host cuts the logits of a block of rows, which lie as `[V, B]`, into parts for threads:
/// chunks of the vocabulary, and where they are too few, groups of rows. Depends on sizes only, as
/// sums do.
///
/// @param block rows of a block
/// @param vocabulary words
/// @param stride elements from word to word: rows filled up to whole vectors
/// @param chunk words of a chunk
/// @param chunks number of chunks
/// @param width rows of a group, whole vectors
/// @param groups number of groups
record LinearCrossEntropyParts(
    int block, int vocabulary, int stride, int chunk, int chunks, int width, int groups) {
  /// Floats of the longest vectors.
  private static final int VECTOR = 16;

  /// Logits of a chunk: a second-level cache. Each chunk packs the rows again: with half of it the
  /// whole took 3 % longer.
  private static final int CHUNK = 1 << 18;

  /// Parts that keep threads busy.
  private static final int WANTED = 8;

  /// Rows of a tile of products.
  private static final int TILE = 8;

  static LinearCrossEntropyParts of(int block, int vocabulary) {
    int stride = Math.ceilDiv(block, VECTOR) * VECTOR;
    int chunk = Math.min(vocabulary, Math.ceilDiv(CHUNK / stride, TILE) * TILE);
    int chunks = Math.ceilDiv(vocabulary, chunk);
    int wanted = Math.ceilDiv(WANTED, chunks);
    int width = Math.ceilDiv(Math.ceilDiv(stride, wanted), VECTOR) * VECTOR;
    return new LinearCrossEntropyParts(
        block, vocabulary, stride, chunk, chunks, width, Math.ceilDiv(stride, width));
  }

  /// The number of parts.
  int count() {
    return chunks * groups;
  }

  int firstWord(int part) {
    return part / groups * chunk;
  }

  /// Words of a part.
  int words(int part) {
    return Math.min(vocabulary - firstWord(part), chunk);
  }

  int firstColumn(int part) {
    return part % groups * width;
  }

  /// Rows of a part, of a block that has `count`; none if not positive.
  int columns(int part, int count) {
    return Math.min(count - firstColumn(part), width);
  }

  /// Where the logits of a part begin among `[vocabulary, stride]`.
  int logits(int part) {
    return firstWord(part) * stride + firstColumn(part);
  }

  /// Maxima and sums of each chunk, maxima of all, logits of labels.
  Shape statistics() {
    return Shape.of(2 * chunks + 2, stride);
  }

  /// Where the maxima of a part begin among the statistics `[2·chunks + 2, stride]`.
  int maxima(int part) {
    return part / groups * stride + firstColumn(part);
  }

  /// Where the sums of a part begin there.
  int sums(int part) {
    return chunks * stride + maxima(part);
  }

  /// Where the maxima of all begin there.
  int largest() {
    return 2 * chunks * stride;
  }

  /// Where the logits of the labels begin there.
  int labels() {
    return largest() + stride;
  }

  /// Where what a part adds to the gradients of rows begins among `[1 + chunks, block, columns]`.
  int gradients(int part, int columns) {
    return ((1 + part / groups) * block + firstColumn(part)) * columns;
  }
}
