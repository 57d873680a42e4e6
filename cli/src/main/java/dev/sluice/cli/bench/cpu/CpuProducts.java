package dev.sluice.cli.bench.cpu;

import dev.sluice.tasks.host.HostThreads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Matrix products: against the peak of multiply-adds, and against OpenBLAS in turn.
final class CpuProducts {
  private static final double OF_PEAK = 0.85;
  private static final double OVER_OPENBLAS = 0.95;
  private static final double OVER_ONE_THREAD = 1.8;
  private static final int BYTES = 4;

  /// Rows, columns, inner size.
  private record Size(int m, int n, int k) {
    @Override
    public String toString() {
      return "%d×%d×%d".formatted(m, k, n);
    }

    double operations() {
      return 2.0 * m * n * k;
    }

    double intensity() {
      return operations() / (BYTES * ((double) m * k + (double) k * n + (double) m * n));
    }
  }

  private static final List<Size> LARGE =
      List.of(new Size(512, 512, 512), new Size(1024, 256, 1024));
  private static final List<Size> SMALL =
      List.of(
          new Size(64, 64, 64),
          new Size(256, 64, 64),
          new Size(4096, 256, 64),
          new Size(2048, 1536, 384));

  private final CpuBench bench;
  private final Optional<OpenBlas> openBlas = OpenBlas.find();

  CpuProducts(CpuBench bench) {
    this.bench = bench;
  }

  void measure() {
    for (Size size : wanted(LARGE)) {
      double one = size(size, 1, true);
      if (bench.threads() > 1) {
        double all = size(size, bench.threads(), false);
        bench.add(
            CpuRow.atLeast(
                "matrix product " + size,
                bench.threads(),
                all,
                "× one thread",
                one / all,
                OVER_ONE_THREAD));
      }
    }
    for (Size size : wanted(SMALL)) {
      size(size, 1, false);
    }
  }

  private List<Size> wanted(List<Size> sizes) {
    return sizes.stream().filter(size -> bench.wants("matrix product " + size)).toList();
  }

  /// Seconds of one product on all threads, rows by inner size by columns.
  double seconds(int m, int k, int n) {
    float[] a = random(m * k);
    float[] b = random(k * n);
    float[] c = new float[m * n];
    return bench
        .clock()
        .fastest(bench.threads(), () -> HostThreads.multiply(false, false, m, n, k, a, b, c));
  }

  /// The slowest of the four transposes counts.
  private double size(Size size, int threads, boolean peak) {
    double slowest = 0;
    double ratio = Double.POSITIVE_INFINITY;
    for (int bits = 0; bits < 4; bits++) {
      double[] times = times(size, threads, (bits & 1) != 0, (bits & 2) != 0);
      slowest = Math.max(slowest, times[0]);
      ratio = Math.min(ratio, times[1] / times[0]);
    }
    String work = "matrix product " + size;
    if (peak) {
      double reached = size.operations() / slowest / bench.peak(threads);
      bench.add(
          CpuRow.atLeast(work, threads, slowest, CpuRow.OF_PEAK, reached, OF_PEAK)
              .withIntensity(size.intensity()));
    }
    bench.add(
        openBlas.isPresent()
            ? CpuRow.atLeast(work, threads, slowest, CpuRow.OVER_OPENBLAS, ratio, OVER_OPENBLAS)
                .withIntensity(size.intensity())
            : CpuRow.missing(work, threads, CpuRow.OVER_OPENBLAS, OVER_OPENBLAS, "no OpenBLAS"));
    return slowest;
  }

  /// Seconds of ours and of OpenBLAS.
  private double[] times(Size s, int threads, boolean transA, boolean transB) {
    float[] a = random(s.m() * s.k());
    float[] b = random(s.k() * s.n());
    float[] c = new float[s.m() * s.n()];
    Runnable ours = () -> HostThreads.multiply(transA, transB, s.m(), s.n(), s.k(), a, b, c);
    if (openBlas.isEmpty()) {
      return new double[] {bench.clock().fastest(threads, ours), Double.NaN};
    }
    OpenBlas blas = openBlas.get();
    blas.threads(threads);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment nativeA = copy(arena, a);
      MemorySegment nativeB = copy(arena, b);
      MemorySegment nativeC = copy(arena, c);
      return bench
          .clock()
          .pair(
              threads,
              ours,
              () -> blas.multiply(transA, transB, s.m(), s.n(), s.k(), nativeA, nativeB, nativeC));
    }
  }

  private static MemorySegment copy(Arena arena, float[] values) {
    MemorySegment segment = arena.allocate((long) BYTES * values.length, 64);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
    return segment;
  }

  private static float[] random(int size) {
    float[] values = new float[size];
    Random random = new Random(1);
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }
}
