package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;

/// The threads that the host computes on, for benchmarks: how many, one alone, and what they reach
/// at work whose cost is known.
public final class HostThreads {
  private HostThreads() {}

  /// How many threads take part in a task.
  public static int count() {
    return Workers.shared().threads();
  }

  /// Runs `work` with the calling thread alone: tasks within are not shared out.
  public static void alone(Runnable work) {
    Workers.shared().alone(work);
  }

  /// Multiply-adds on registers, counted as two operations each, per second.
  public static double multiplyAdd() {
    return Peak.multiplyAdd(Workers.shared());
  }

  /// Divisions on registers, per second.
  public static double divide() {
    return Peak.divide(Workers.shared());
  }

  /// Copies `n` floats: `8 n` bytes read and written.
  ///
  /// @param from `[n]`, Read
  /// @param to `[n]`, Overwritten
  public static void copy(int n, float[] from, float[] to) {
    Elementwise.copy(Workers.shared(), n, from, 0, to, 0);
  }

  /// `c = op(a)·op(b)`, each matrix without gaps between its rows.
  ///
  /// @param transA whether `a` is stored as `[k, m]`
  /// @param transB whether `b` is stored as `[n, k]`
  /// @param a `[m, k]`, Read
  /// @param b `[k, n]`, Read
  /// @param c `[m, n]`, Overwritten
  public static void multiply(
      boolean transA, boolean transB, int m, int n, int k, float[] a, float[] b, float[] c) {
    Gemm.multiply(
        Workers.shared(),
        transA,
        transB,
        m,
        n,
        k,
        1f,
        a,
        0,
        transA ? m : k,
        b,
        0,
        transB ? k : n,
        false,
        c,
        0,
        n);
  }
}
