package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Cuts ranges into blocks whose bounds depend on the size only, and holds the threads' scratch
/// arrays.
final class Blocks {
  /// Elements of an elementwise block: three arrays of it fit a second-level cache.
  static final int ELEMENTS = 1 << 14;

  /// Most partial sums of a gradient that many rows add to.
  static final int PARTIALS = 64;

  private static final ThreadLocal<Blocks> OF_THREAD = ThreadLocal.withInitial(Blocks::new);

  private float[] partial = {};
  private float[] local = {};
  private double[] doubles = {};

  private Blocks() {}

  /// What to do with the elements `from … to-1`.
  @FunctionalInterface
  interface Range {
    void run(int from, int to);
  }

  /// Runs a body over `0 … n-1` in blocks of `size`.
  static void run(Workers workers, int n, int size, Range body) {
    if (n <= size) {
      if (n > 0) {
        body.run(0, n);
      }
      return;
    }
    workers.run(
        Math.ceilDiv(n, size), part -> body.run(part * size, Math.min(n, (part + 1) * size)));
  }

  /// Rows of `width` elements that make a block.
  static int rows(int width) {
    return Math.max(1, ELEMENTS / Math.max(1, width));
  }

  /// Rows of a block that sums a gradient: at least `least`, and at most [#PARTIALS] blocks in all.
  static int partialRows(int rows, int least) {
    return Math.max(least, Math.ceilDiv(rows, PARTIALS));
  }

  /// Zeros for partial sums, shared out by the calling thread; valid until its next call.
  static float[] partials(int size) {
    Blocks own = OF_THREAD.get();
    if (own.partial.length < size) {
      own.partial = new float[size];
    } else {
      Arrays.fill(own.partial, 0, size, 0f);
    }
    return own.partial;
  }

  /// A buffer of the running thread, for use within a part; valid until its next call, contents
  /// undefined.
  static float[] local(int size) {
    Blocks own = OF_THREAD.get();
    if (own.local.length < size) {
      own.local = new float[size];
    }
    return own.local;
  }

  /// As [#partials], for doubles, contents undefined.
  static double[] doubles(int size) {
    Blocks own = OF_THREAD.get();
    if (own.doubles.length < size) {
      own.doubles = new double[size];
    }
    return own.doubles;
  }

  /// `y[yo+j] += Σ_i partials[i, j]` in ascending `i`.
  static void addPartials(
      Workers workers, int count, int width, float[] partials, float[] y, int yo) {
    run(
        workers,
        width,
        Math.max(Lanes.COUNT, ELEMENTS / count),
        (from, to) -> {
          int j = from;
          for (; j + Lanes.COUNT <= to; j += Lanes.COUNT) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, partials, j);
            for (int i = 1; i < count; i++) {
              sum = sum.add(FloatVector.fromArray(Lanes.FLOATS, partials, i * width + j));
            }
            sum.add(FloatVector.fromArray(Lanes.FLOATS, y, yo + j)).intoArray(y, yo + j);
          }
          for (; j < to; j++) {
            float sum = partials[j];
            for (int i = 1; i < count; i++) {
              sum += partials[i * width + j];
            }
            y[yo + j] += sum;
          }
        });
  }
}
