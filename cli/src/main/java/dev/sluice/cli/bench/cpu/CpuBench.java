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
  private final String part;
  private final List<CpuRow> rows = new ArrayList<>();
  private final double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  private double peakOfOne;
  private double peakOfAll;
  private double divisionsOfAll;
  private double copyOfAll;

  /// @param part of the name of what is measured; empty for everything
  CpuBench(Device device, CpuClock clock, PrintWriter progress, String part) {
    this.device = device;
    this.clock = clock;
    this.progress = progress;
    this.part = part;
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

  /// Whether work of this name is to be measured.
  boolean wants(String work) {
    return work.contains(part);
  }

  /// Takes a row, together with what earlier rounds saw of it, and says so to those who wait.
  void add(CpuRow row) {
    int at = 0;
    while (at < rows.size() && !rows.get(at).repeats(row)) {
      at++;
    }
    if (at == rows.size()) {
      rows.add(row);
    } else {
      rows.set(at, rows.get(at).with(row));
    }
    progress.println("  " + CpuReport.line(rows.get(at)));
    progress.flush();
  }

  /// Measures what the machine can do.
  void measureCeilings() {
    measureArithmetic();
    copyOfAll = Math.max(copyOfAll, 8.0 * COPIED / copySeconds(COPIED));
  }

  /// Measures how fast the machine computes.
  void measureArithmetic() {
    for (int round = 0; round < 2; round++) {
      HostThreads.alone(() -> peakOfOne = Math.max(peakOfOne, HostThreads.multiplyAdd()));
      peakOfAll = Math.max(peakOfAll, HostThreads.multiplyAdd());
      divisionsOfAll = Math.max(divisionsOfAll, HostThreads.divide());
    }
  }

  /// Multiply-adds a second, counted as two operations, on one thread or all.
  double peak(int threads) {
    return threads == 1 ? peakOfOne : peakOfAll;
  }

  /// Divisions a second on all threads.
  double divisionRate() {
    return divisionsOfAll;
  }

  /// Bytes a second that a copy of large arrays moves on all threads, read and written counted.
  double copyRate() {
    return copyOfAll;
  }

  /// Seconds of `work` and of copying `n` floats, in turn, on all threads.
  double[] besideCopy(Runnable work, int n) {
    float[] from = new float[n];
    float[] to = new float[n];
    return clock.pair(threads(), work, () -> HostThreads.copy(n, from, to));
  }

  private double copySeconds(int n) {
    float[] from = new float[n];
    float[] to = new float[n];
    return clock.fastest(threads(), () -> HostThreads.copy(n, from, to));
  }
}
