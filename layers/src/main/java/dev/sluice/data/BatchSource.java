package dev.sluice.data;

import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Objects;

/// The stream of batches that is read from a dataset. Its whole state is a position, the number of
/// examples given out, so that a run resumes by [#seek(long)].
///
/// Not for use by several threads at once.
public final class BatchSource {
  private final Dataset dataset;
  private final int batch;
  private final boolean endless;
  private final long seed;
  private long position;
  private long epoch = -1;
  private Permutation order;

  private BatchSource(Dataset dataset, int batch, boolean endless, long seed) {
    if (batch < 1) {
      throw new DataException("batch of %d examples: at least 1 is needed".formatted(batch));
    }
    this.dataset = dataset;
    this.batch = batch;
    this.endless = endless;
    this.seed = seed;
    this.order = new Permutation(dataset.size(), seed, 0);
  }

  /// An endless stream for training. Each epoch gives every example once, in an order that is a
  /// function of `seed` and epoch; a batch may hold the end of one epoch and the start of the next.
  /// A dataset without end is read in the order of its numbers, for its examples are random
  /// already.
  public static BatchSource shuffled(Dataset dataset, int batch, long seed) {
    return new BatchSource(dataset, batch, true, seed);
  }

  /// Every example once in the order of its number, for evaluation. The last batch is filled up
  /// with examples that have no labels.
  public static BatchSource ordered(Dataset dataset, int batch) {
    return new BatchSource(dataset, batch, false, 0);
  }

  /// The dataset.
  public Dataset dataset() {
    return dataset;
  }

  /// `B`: examples in a batch.
  public int batch() {
    return batch;
  }

  /// Number of examples given out.
  public long position() {
    return position;
  }

  /// Goes on as after `position` examples.
  ///
  /// @throws DataException if `position` is negative
  public void seek(long position) {
    if (position < 0) {
      throw new DataException("data position %d: must not be negative".formatted(position));
    }
    this.position = position;
  }

  /// Whole passes over the dataset so far.
  public long epoch() {
    return position / dataset.size();
  }

  /// Whether there is another batch.
  public boolean hasNext() {
    return endless || position < dataset.size();
  }

  /// Writes the next batch.
  ///
  /// @param ids tokens, `[B, T]`: Overwritten
  /// @param labels targets or [Dataset#IGNORED], `[B, T]`: Overwritten
  /// @return number of labels that are not ignored
  /// @throws IndexOutOfBoundsException if an array is too short
  /// @throws NoSuchElementException if there is no further batch
  public int next(int[] ids, int[] labels) {
    int length = dataset.length();
    Objects.checkFromIndexSize(0, Math.multiplyExact(batch, length), ids.length);
    Objects.checkFromIndexSize(0, Math.multiplyExact(batch, length), labels.length);
    if (!hasNext()) {
      throw new NoSuchElementException(
          "%s: all %d examples have been read".formatted(dataset.name(), dataset.size()));
    }
    for (int row = 0; row < batch; row++) {
      int start = row * length;
      if (hasNext()) {
        dataset.example(index(position++), ids, start, labels, start);
      } else {
        Arrays.fill(ids, start, start + length, 0);
        Arrays.fill(labels, start, start + length, Dataset.IGNORED);
      }
    }
    int counted = 0;
    for (int i = 0; i < batch * length; i++) {
      if (labels[i] != Dataset.IGNORED) {
        counted++;
      }
    }
    return counted;
  }

  private long index(long position) {
    long size = dataset.size();
    if (!endless || size == Long.MAX_VALUE) {
      return position;
    }
    long now = position / size;
    if (now != epoch) {
      epoch = now;
      order = new Permutation(size, seed, now);
    }
    return order.apply(position % size);
  }
}
