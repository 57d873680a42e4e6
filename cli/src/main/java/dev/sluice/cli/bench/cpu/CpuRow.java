package dev.sluice.cli.bench.cpu;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// One figure with its mark.
///
/// @param work what was measured
/// @param threads how many computed
/// @param seconds its fastest run; 0 where that is no time
/// @param figure what is looked at, such as [#OF_PEAK]
/// @param reached its value; NaN where it was not measured
/// @param wanted the mark
/// @param atMost whether less is better
/// @param intensity operations a byte that has to be moved; NaN where that is not counted
/// @param note why it was not measured, or what else is worth saying; may be empty
record CpuRow(
    String work,
    int threads,
    double seconds,
    String figure,
    double reached,
    double wanted,
    boolean atMost,
    double intensity,
    String note) {
  static final String OF_PEAK = "of peak";
  static final String OF_COPY = "of copy";
  static final String OF_ARITHMETIC = "of arithmetic";
  static final String OVER_OPENBLAS = "× OpenBLAS";

  /// Below this part of its mark, a row fails.
  static final double TOLERATED = 0.9;

  /// A row where more is better.
  static CpuRow atLeast(
      String work, int threads, double seconds, String figure, double reached, double wanted) {
    return new CpuRow(work, threads, seconds, figure, reached, wanted, false, Double.NaN, "");
  }

  /// A row where less is better.
  static CpuRow atMost(
      String work, int threads, double seconds, String figure, double reached, double wanted) {
    return new CpuRow(work, threads, seconds, figure, reached, wanted, true, Double.NaN, "");
  }

  /// A row that could not be measured.
  static CpuRow missing(String work, int threads, String figure, double wanted, String why) {
    return new CpuRow(
        work, threads, 0, figure, Double.NaN, wanted, false, Double.NaN, "not measured: " + why);
  }

  /// This row with its operations a byte.
  CpuRow withIntensity(double operationsPerByte) {
    return new CpuRow(
        work, threads, seconds, figure, reached, wanted, atMost, operationsPerByte, note);
  }

  /// Whether `other` is the same figure of the same work, from another round.
  boolean repeats(CpuRow other) {
    return work.equals(other.work)
        && threads == other.threads
        && (figure.equals(other.figure) || (moves() && other.moves()));
  }

  /// What two rounds of the same figure saw together: the fastest run of the work, against the
  /// fastest of what it is compared with.
  CpuRow with(CpuRow other) {
    if (!measured() || !other.measured()) {
      return measured() ? this : other;
    }
    if (atMost) {
      return reached <= other.reached ? this : other;
    }
    CpuRow nearer = ceilingSeconds() <= other.ceilingSeconds() ? this : other;
    double fastest = Math.min(seconds, other.seconds);
    return new CpuRow(
        work,
        threads,
        fastest,
        nearer.figure,
        nearer.ceilingSeconds() / fastest,
        wanted,
        false,
        intensity,
        note);
  }

  /// Seconds that the work would take at its ceiling.
  private double ceilingSeconds() {
    return reached * seconds;
  }

  /// Whether the figure is that of an op which moves more than it computes, or nearly so.
  boolean moves() {
    return figure.equals(OF_COPY) || figure.equals(OF_ARITHMETIC);
  }

  boolean measured() {
    return !Double.isNaN(reached);
  }

  /// How far the mark is reached: 1 and more means that it is.
  double part() {
    return atMost ? wanted / reached : reached / wanted;
  }

  boolean failed() {
    return measured() && part() < TOLERATED;
  }

  SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("work", work);
    map.put("threads", threads);
    map.put("seconds", seconds);
    map.put("figure", figure);
    if (measured()) {
      map.put("reached", reached);
      map.put("of_mark", part());
    }
    map.put("mark", wanted);
    map.put("at_most", atMost);
    if (!Double.isNaN(intensity)) {
      map.put("operations_per_byte", intensity);
    }
    if (!note.isEmpty()) {
      map.put("note", note);
    }
    return map;
  }
}
