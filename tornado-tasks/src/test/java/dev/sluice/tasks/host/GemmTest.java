package dev.sluice.tasks.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.embedded.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GemmTest {
  /// A sum of k products in fp32 is off by at most k·2⁻²⁴ of the sum of magnitudes; twice that for
  /// alpha and C.
  private static final double RELATIVE = 2 * Math.pow(2, -24);

  /// Sizes at, below and above a tile, a panel and a block of inner size, and primes.
  private static final int[][] SHAPES = {
    {1, 1, 1},
    {1, 37, 19},
    {3, 1, 5},
    {7, 31, 17},
    {8, 32, 16},
    {9, 33, 1},
    {16, 64, 64},
    {23, 47, 259},
    {64, 64, 64},
    {72, 96, 300},
    {65, 129, 130},
    {130, 131, 513},
    {37, 300, 70},
    {300, 17, 513},
    {2, 1100, 40},
    {1, 600, 700},
    {4, 130, 300},
    {19, 140, 1030},
    {24, 208, 256},
    {24, 176, 200},
    {33, 1100, 130},
  };

  private static final Workers ONE = Workers.of(1);
  private static final Workers THREE = Workers.of(3);

  private static List<GemmProvider> providers() {
    List<GemmProvider> all = new ArrayList<>();
    all.add(new GemmScalar());
    if (HostSupport.vectorApi()) {
      all.add(new GemmVector());
    }
    return all;
  }

  @Test
  void everyTransposeAndShapeAgreesWithDoubles() {
    Random random = new Random(1);
    for (GemmProvider provider : providers()) {
      for (int[] s : SHAPES) {
        for (int bits = 0; bits < 8; bits++) {
          Case x = new Case(1, s[0], s[1], s[2], (bits & 1) != 0, (bits & 2) != 0, random);
          x.check(provider, ONE, 1f, (bits & 4) != 0);
        }
      }
    }
  }

  @Test
  void alphaScalesTheProductOnly() {
    Random random = new Random(2);
    for (GemmProvider provider : providers()) {
      Case x = new Case(1, 19, 45, 300, false, true, random);
      x.check(provider, ONE, -0.37f, false);
      x.check(provider, ONE, -0.37f, true);
      x.check(provider, ONE, 0f, true);
      x.check(provider, ONE, 0f, false);
    }
  }

  @Test
  void batchesUseTheirStrides() {
    Random random = new Random(3);
    for (GemmProvider provider : providers()) {
      for (int bits = 0; bits < 4; bits++) {
        new Case(5, 18, 35, 21, (bits & 1) != 0, (bits & 2) != 0, random)
            .check(provider, THREE, 1f, true);
        new Case(2, 150, 160, 300, (bits & 1) != 0, (bits & 2) != 0, random)
            .check(provider, THREE, 2f, false);
      }
    }
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    Random random = new Random(4);
    Workers two = Workers.of(2);
    for (GemmProvider provider : providers()) {
      for (int[] s :
          new int[][] {
            {257, 131, 600},
            {64, 1200, 300},
            {1, 900, 900},
            {2000, 40, 64},
            {403, 300, 1101},
            {400, 1100, 300}
          }) {
        for (int bits = 0; bits < 4; bits++) {
          Case x = new Case(1, s[0], s[1], s[2], (bits & 1) != 0, (bits & 2) != 0, random);
          float[] expected = x.run(provider, ONE, 1f, true);
          assertArrayEquals(expected, x.run(provider, two, 1f, true), provider.name());
          assertArrayEquals(expected, x.run(provider, THREE, 1f, true), provider.name());
        }
      }
    }
  }

  /// Sizes in whole tiles and others, shallow and deep, few rows and many.
  @Test
  void productsThatShareAnOperandHaveTheBitsOfSeparateOnes() {
    Random random = new Random(6);
    int[][] sizes = {{24, 192, 16, 136}, {200, 400, 96, 16}, {5, 64, 1}, {8}};
    for (GemmProvider provider : providers()) {
      for (int[] size : sizes) {
        for (int threads = 1; threads <= 3; threads++) {
          for (int k : new int[] {0, 21, 600}) {
            shared(provider, Workers.of(threads), size, 150, k, true, random);
            shared(provider, Workers.of(threads), size, 1, k, false, random);
            shared(provider, Workers.of(threads), size, 3, k, false, random);
            shared(provider, Workers.of(threads), size, 19, k, false, random);
          }
        }
      }
    }
  }

  private static void shared(
      GemmProvider provider,
      Workers workers,
      int[] sizes,
      int other,
      int k,
      boolean right,
      Random random) {
    int count = sizes.length;
    float[] common = normal(other * k, random);
    float[][] inputs = new float[count][];
    float[][] outputs = new float[count][];
    float[][] expected = new float[count][];
    boolean[] add = new boolean[count];
    for (int i = 0; i < count; i++) {
      int size = sizes[i];
      inputs[i] = normal(size * k, random);
      add[i] = i % 2 == 1;
      outputs[i] = new float[size * other];
      Arrays.fill(outputs[i], Float.NaN);
      if (add[i]) {
        outputs[i] = normal(size * other, random);
      }
      float[] c = outputs[i].clone();
      float[] a = right ? inputs[i] : common;
      float[] b = right ? common : inputs[i];
      int m = right ? size : other;
      int n = right ? other : size;
      int lda = right ? m : k;
      int ldb = right ? n : k;
      provider.multiply(
          ONE, 1, right, !right, m, n, k, 1f, a, 0, lda, 0, b, 0, ldb, 0, add[i], c, 0, n, 0);
      expected[i] = c;
    }
    GemmPieces pieces = new GemmPieces(sizes, inputs, outputs, add);
    if (right) {
      provider.shareRight(workers, pieces, other, k, common);
    } else {
      provider.shareLeft(workers, pieces, other, k, common);
    }
    for (int i = 0; i < count; i++) {
      assertArrayEquals(expected[i], outputs[i], provider.name() + " piece " + i + " k " + k);
    }
  }

  private static float[] normal(int size, Random random) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  @Test
  void resultsDoNotDependOnWhereCacheLinesBegin() {
    Random random = new Random(5);
    GemmProvider provider = Gemm.choose(null);
    for (int bits = 0; bits < 4; bits++) {
      Case x = new Case(1, 77, 131, 200, (bits & 1) != 0, (bits & 2) != 0, random);
      float[] expected = x.run(provider, ONE, 1f, true);
      assumeTrue(CacheLines.prepare(), "needs --enable-native-access");
      assertArrayEquals(expected, x.run(provider, ONE, 1f, true));
    }
  }

  @Test
  void innerSizeZeroGivesZeros() {
    for (GemmProvider provider : providers()) {
      float[] c = {Float.NaN, Float.NaN, Float.NaN};
      provider.multiply(
          ONE,
          1,
          false,
          false,
          1,
          2,
          0,
          1f,
          new float[0],
          0,
          0,
          0,
          new float[0],
          0,
          2,
          0,
          false,
          c,
          0,
          2,
          0);
      assertArrayEquals(new float[] {0f, 0f, Float.NaN}, c, provider.name());
    }
  }

  @Test
  void argumentsAreChecked() {
    float[] x = new float[6];
    float[] c = new float[4];
    assertThrows(
        IllegalArgumentException.class,
        () -> Gemm.multiply(ONE, false, false, 2, 2, 3, 1f, x, 1, 3, x, 0, 2, false, c, 0, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Gemm.multiply(ONE, false, false, 2, 2, 3, 1f, x, 0, 2, x, 0, 2, false, c, 0, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Gemm.multiply(ONE, false, false, 2, -1, 3, 1f, x, 0, 3, x, 0, 2, false, c, 0, 2));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Gemm.multiplyBatched(
                ONE, 2, false, false, 2, 2, 3, 1f, x, 0, 3, 0, x, 0, 2, 0, false, c, 0, 2, 0));
  }

  @Test
  void providersAreChosenByName() {
    assertEquals(HostSupport.vectorApi() ? "vector" : "scalar", Gemm.providerName());
    assertEquals("scalar", Gemm.choose("scalar").name());
    assertThrows(IllegalArgumentException.class, () -> Gemm.choose("fast"));
    if (HostSupport.vectorApi()) {
      assertEquals("vector", Gemm.choose("vector").name());
    } else {
      assertThrows(IllegalStateException.class, () -> Gemm.choose("vector"));
    }
  }

  /// Random operands with offsets, gaps behind rows and gaps between the products of a batch.
  private static final class Case {
    final int batch;
    final int m;
    final int n;
    final int k;
    final boolean transA;
    final boolean transB;
    final int lda;
    final int ldb;
    final int ldc;
    final int strideA;
    final int strideB;
    final int strideC;
    final float[] a;
    final float[] b;
    final float[] c;

    Case(int batch, int m, int n, int k, boolean transA, boolean transB, Random random) {
      this.batch = batch;
      this.m = m;
      this.n = n;
      this.k = k;
      this.transA = transA;
      this.transB = transB;
      lda = (transA ? m : k) + 3;
      ldb = (transB ? k : n) + 1;
      ldc = n + 2;
      strideA = (transA ? k : m) * lda + 5;
      strideB = batch == 5 ? 0 : (transB ? n : k) * ldb + 4;
      strideC = m * ldc + 1;
      a = random(random, 7 + batch * strideA);
      b = random(random, 5 + batch * strideB + (transB ? n : k) * ldb);
      c = random(random, 3 + batch * strideC);
    }

    static float[] random(Random random, int size) {
      float[] x = new float[size];
      for (int i = 0; i < size; i++) {
        x[i] = (float) random.nextGaussian();
      }
      return x;
    }

    float[] run(GemmProvider provider, Workers workers, float alpha, boolean accumulate) {
      float[] out = new float[c.length];
      Arrays.fill(out, Float.NaN);
      if (accumulate) {
        System.arraycopy(c, 0, out, 0, c.length);
      }
      provider.multiply(
          workers,
          batch,
          transA,
          transB,
          m,
          n,
          k,
          alpha,
          a,
          7,
          lda,
          strideA,
          b,
          5,
          ldb,
          strideB,
          accumulate,
          out,
          3,
          ldc,
          strideC);
      return out;
    }

    void check(GemmProvider provider, Workers workers, float alpha, boolean accumulate) {
      float[] out = run(provider, workers, alpha, accumulate);
      String name =
          "%s %d×%d×%d×%d %b %b".formatted(provider.name(), batch, m, n, k, transA, transB);
      boolean[] inside = new boolean[c.length];
      for (int q = 0; q < batch; q++) {
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            int at = 3 + q * strideC + i * ldc + j;
            inside[at] = true;
            double sum = accumulate ? c[at] : 0;
            double size = Math.abs(sum);
            for (int p = 0; p < k; p++) {
              double x = a[7 + q * strideA + (transA ? p * lda + i : i * lda + p)];
              double y = b[5 + q * strideB + (transB ? j * ldb + p : p * ldb + j)];
              sum += alpha * x * y;
              size += Math.abs(alpha * x * y);
            }
            assertEquals(sum, out[at], (k + 2) * RELATIVE * size, name + " at " + i + "," + j);
          }
        }
      }
      for (int i = 0; i < c.length; i++) {
        if (!inside[i]) {
          assertEquals(accumulate ? c[i] : Float.NaN, out[i], name + " outside at " + i);
        }
      }
    }
  }
}
