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
