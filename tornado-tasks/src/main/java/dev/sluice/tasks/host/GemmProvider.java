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
}
