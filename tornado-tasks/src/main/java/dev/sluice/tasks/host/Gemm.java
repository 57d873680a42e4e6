package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import org.jspecify.annotations.Nullable;

/// Single-precision matrix products on row-major `float[]`:
///
/// `C = alpha · op(A) · op(B)`, or `C += alpha · op(A) · op(B)` when accumulating, with `op(X)`
/// either `X` or `Xᵀ`.
///
/// An element of `C` is summed in an order that depends only on the shape, never on the number of
/// threads. Calls allocate nothing in steady state: packing buffers belong to the threads. The
/// provider is the Vector API if this JVM has it, else plain Java; [#PROVIDER] forces one, and
/// forcing a missing one throws.
public final class Gemm {
  /// System property that forces a provider: `vector` or `scalar`.
  public static final String PROVIDER = "sluice.host.gemm";

  private static final GemmProvider CHOSEN = choose(System.getProperty(PROVIDER));

  private Gemm() {}

  /// The name of the provider in use: `vector` or `scalar`.
  public static String providerName() {
    return CHOSEN.name();
  }

  /// Computes one product.
  ///
  /// @param workers the pool
  /// @param transA whether `A` is stored as `[k, m]` instead of `[m, k]`
  /// @param transB whether `B` is stored as `[n, k]` instead of `[k, n]`
  /// @param m rows of `C`
  /// @param n columns of `C`
  /// @param k inner size; 0 gives zeros (or leaves `C` when accumulating)
  /// @param alpha factor of the product
  /// @param a Read
  /// @param aOff first element of `A`
  /// @param lda elements from row to row of `A` as stored
  /// @param b Read
  /// @param bOff first element of `B`
  /// @param ldb elements from row to row of `B` as stored
  /// @param accumulate whether `C` is Accumulated; else Overwritten
  /// @param c `[m, n]`; may not overlap `A` or `B`
  /// @param cOff first element of `C`
  /// @param ldc elements from row to row of `C`
  /// @throws IllegalArgumentException if a row is shorter than its leading dimension allows or an
  ///   array too small
  public static void multiply(
      Workers workers,
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      float[] a,
      int aOff,
      int lda,
      float[] b,
      int bOff,
      int ldb,
      boolean accumulate,
      float[] c,
      int cOff,
      int ldc) {
    multiplyBatched(
        workers,
        1,
        transA,
        transB,
        m,
        n,
        k,
        alpha,
        a,
        aOff,
        lda,
        0,
        b,
        bOff,
        ldb,
        0,
        accumulate,
        c,
        cOff,
        ldc,
        0);
  }

  /// Computes `batch` products of one shape; product `i` starts `i` strides behind the offsets.
  /// Parameters otherwise as in [#multiply].
  ///
  /// @param workers the pool
  /// @param batch number of products
  /// @param transA whether `A` is stored as `[k, m]`
  /// @param transB whether `B` is stored as `[n, k]`
  /// @param m rows of `C`
  /// @param n columns of `C`
  /// @param k inner size
  /// @param alpha factor of the product
  /// @param a Read
  /// @param aOff first element of the first `A`
  /// @param lda elements from row to row of `A` as stored
  /// @param strideA elements from one `A` to the next, 0 to share it
  /// @param b Read
  /// @param bOff first element of the first `B`
  /// @param ldb elements from row to row of `B` as stored
  /// @param strideB elements from one `B` to the next, 0 to share it
  /// @param accumulate whether `C` is Accumulated; else Overwritten
  /// @param c `[batch, m, n]`, no two products overlapping
  /// @param cOff first element of the first `C`
  /// @param ldc elements from row to row of `C`
  /// @param strideC elements from one `C` to the next
  /// @throws IllegalArgumentException if a row is shorter than its leading dimension allows or an
  ///   array too small
  public static void multiplyBatched(
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
      int strideC) {
    if (batch < 0 || m < 0 || n < 0 || k < 0) {
      throw new IllegalArgumentException(
          "matrix product: negative size " + batch + "×" + m + "×" + n + "×" + k);
    }
    if (batch == 0 || m == 0 || n == 0) {
      return;
    }
    check("A", a, batch, transA ? k : m, transA ? m : k, aOff, lda, strideA);
    check("B", b, batch, transB ? n : k, transB ? k : n, bOff, ldb, strideB);
    check("C", c, batch, m, n, cOff, ldc, strideC);
    boolean apart = strideC >= (m - 1) * ldc + n;
    boolean sideBySide = strideC >= n && (batch - 1) * strideC + n <= ldc;
    if (batch > 1 && !apart && !sideBySide) {
      throw new IllegalArgumentException(
          "matrix product: the results of a batch overlap; raise strideC=" + strideC);
    }
    CHOSEN.multiply(
        workers,
        batch,
        transA,
        transB,
        m,
        n,
        k,
        alpha,
        a,
        aOff,
        lda,
        strideA,
        b,
        bOff,
        ldb,
        strideB,
        accumulate,
        c,
        cOff,
        ldc,
        strideC);
  }

  /// Computes products with the right operand in common, `C_i (+)= A_iᵀ·B`, with the bits of
  /// [#multiply]. `B` is brought into the form that products need once for all where that pays.
  ///
  /// @param workers the pool
  /// @param pieces rows `m_i` of each result, `A_i` `[k, m_i]`, Read, and `C_i` `[m_i, n]`
  /// @param n columns of all results
  /// @param k inner size
  /// @param b `[k, n]`, Read
  /// @throws IllegalArgumentException if an array is too small
  public static void shareRight(Workers workers, GemmPieces pieces, int n, int k, float[] b) {
    check("B", b, 1, k, n, 0, n, 0);
    for (int i = 0; i < pieces.count(); i++) {
      int m = pieces.size(i);
      check("A", pieces.input(i), 1, k, m, 0, m, 0);
      check("C", pieces.output(i), 1, m, n, 0, n, 0);
    }
    if (n > 0 && pieces.count() > 0) {
      CHOSEN.shareRight(workers, pieces, n, k, b);
    }
  }

  /// Computes products with the left operand in common, `C_i (+)= A·B_iᵀ`, with the bits of
  /// [#multiply]. Threads share all of them out at once where there are few rows.
  ///
  /// @param workers the pool
  /// @param pieces columns `n_i` of each result, `B_i` `[n_i, k]`, Read, and `C_i` `[m, n_i]`
  /// @param m rows of all results
  /// @param k inner size
  /// @param a `[m, k]`, Read
  /// @throws IllegalArgumentException if an array is too small
  public static void shareLeft(Workers workers, GemmPieces pieces, int m, int k, float[] a) {
    check("A", a, 1, m, k, 0, k, 0);
    for (int i = 0; i < pieces.count(); i++) {
      int n = pieces.size(i);
      check("B", pieces.input(i), 1, n, k, 0, k, 0);
      check("C", pieces.output(i), 1, m, n, 0, n, 0);
    }
    if (m > 0 && pieces.count() > 0) {
      CHOSEN.shareLeft(workers, pieces, m, k, a);
    }
  }

  private static void check(
      String name, float[] x, int batch, int rows, int columns, int off, int ld, int stride) {
    if (rows == 0 || columns == 0) {
      return;
    }
    long last = off + (long) (batch - 1) * stride + (long) (rows - 1) * ld + columns;
    if (off < 0 || stride < 0 || (rows > 1 && ld < columns) || last > x.length) {
      throw new IllegalArgumentException(
          "matrix product: %s [%d, %d] at %d, leading dimension %d, stride %d does not fit %d elements"
              .formatted(name, rows, columns, off, ld, stride, x.length));
    }
  }

  /// The provider by name, or the best one if `name` is null.
  static GemmProvider choose(@Nullable String name) {
    if (name == null) {
      return HostSupport.vectorApi() ? new GemmVector() : new GemmScalar();
    }
    return switch (name) {
      case "scalar" -> new GemmScalar();
      case "vector" -> {
        if (!HostSupport.vectorApi()) {
          throw new IllegalStateException(
              PROVIDER + "=vector: start the JVM with --add-modules jdk.incubator.vector");
        }
        yield new GemmVector();
      }
      default ->
          throw new IllegalArgumentException(PROVIDER + "=" + name + ": use vector or scalar");
    };
  }
}
