package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;

/// One way to compute a matrix product; arguments as in [Gemm#multiplyBatched], already checked.
interface GemmProvider {
  /// The name by which [Gemm#PROVIDER] forces it.
  String name();

  /// Computes `batch ≥ 1` products with `m, n ≥ 1` and `k ≥ 0`.
  void multiply(
      Workers workers,
      int batch,
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      float[] a,
      int aOff,
      int lda,
      int strideA,
      float[] b,
      int bOff,
      int ldb,
      int strideB,
      boolean accumulate,
      float[] c,
      int cOff,
      int ldc,
      int strideC);

  /// Products with `B` in common, see [Gemm#shareRight].
  default void shareRight(Workers workers, GemmPieces pieces, int n, int k, float[] b) {
    for (int i = 0; i < pieces.count(); i++) {
      int m = pieces.size(i);
      float[] a = pieces.input(i);
      float[] c = pieces.output(i);
      boolean add = pieces.accumulates(i);
      multiply(workers, 1, true, false, m, n, k, 1f, a, 0, m, 0, b, 0, n, 0, add, c, 0, n, 0);
    }
  }

  /// Products with `A` in common, see [Gemm#shareLeft].
  default void shareLeft(Workers workers, GemmPieces pieces, int m, int k, float[] a) {
    for (int i = 0; i < pieces.count(); i++) {
      int n = pieces.size(i);
      float[] b = pieces.input(i);
      float[] c = pieces.output(i);
      boolean add = pieces.accumulates(i);
      multiply(workers, 1, false, true, m, n, k, 1f, a, 0, k, 0, b, 0, k, 0, add, c, 0, n, 0);
    }
  }
}
