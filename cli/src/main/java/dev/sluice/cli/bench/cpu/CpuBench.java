package dev.sluice.cli.bench.cpu;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.host.HostThreads;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// One run: the rows so far, and what the machine can do, measured again before each group of rows;
/// the most ever seen counts.
final class CpuBench {
  /// Floats copied to know the bandwidth of large arrays.
  private static final int COPIED = 1 << 24;

  private final Device device;
  private final CpuClock clock;
  private final PrintWriter progress;
  private final List<CpuRow> rows = new ArrayList<>();
  private final double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  private double peakOfOne;
  private double peakOfAll;
  private double copyOfAll;

  CpuBench(Device device, CpuClock clock, PrintWriter progress) {
    this.device = device;
    this.clock = clock;
    this.progress = progress;
  }

  Device device() {
    return device;
  }

  CpuClock clock() {
    return clock;
  }

  int threads() {
    return HostThreads.count();
  }

  /// Threads that wanted to run when the benchmark began, over a minute; negative where the system
  /// does not say.
  double load() {
    return load;
  }

  List<CpuRow> rows() {
    return List.copyOf(rows);
  }

  /// Takes a row and says so to those who wait.
  void add(CpuRow row) {
    rows.add(row);
    progress.println("  " + CpuReport.line(row));
    progress.flush();
  }

  /// Measures what the machine can do.
  void measureCeilings() {
    for (int round = 0; round < 2; round++) {
      HostThreads.alone(() -> peakOfOne = Math.max(peakOfOne, HostThreads.multiplyAdd()));
      peakOfAll = Math.max(peakOfAll, HostThreads.multiplyAdd());
    }
    copyOfAll = Math.max(copyOfAll, 8.0 * COPIED / copySeconds(COPIED));
  }

  /// Multiply-adds a second, counted as two operations, on one thread or all.
  double peak(int threads) {
    return threads == 1 ? peakOfOne : peakOfAll;
  }

  /// Bytes a second that a copy of large arrays moves on all threads, read and written counted.
  double copyRate() {
    return copyOfAll;
  }

  /// Seconds of copying `n` floats on all threads.
  double copySeconds(int n) {
    float[] from = new float[n];
    float[] to = new float[n];
    return clock.fastest(threads(), () -> HostThreads.copy(n, from, to));
  }
}
