package dev.sluice.cli.bench;

import dev.sluice.tasks.ceiling.Ceiling;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// One measured thing.
///
/// @param labels what it is, such as `op` → `gla`; together they tell it from every other row of
///   its benchmark
/// @param timing how long it took
/// @param operations fp32 operations of a run, a multiply-add counted as two; 0 where they are not
///   counted
/// @param bytes that a run has to move at least, read and written; 0 where they are not counted
/// @param ceiling what the hardware that it ran on can do
/// @param mark what it should reach, or null
/// @param more other figures by name, such as the seconds of the first run
public record BenchRow(
    SequencedMap<String, String> labels,
    Timing timing,
    double operations,
    double bytes,
    Ceiling ceiling,
    @Nullable Mark mark,
    SequencedMap<String, Double> more) {
  static final String LABELS = "labels";
  static final String MEDIAN = "median_s";
  static final String OF_PEAK = "of_peak";
  static final String OF_COPY = "of_bandwidth";

  /// Labels from name and value in turn.
  public static SequencedMap<String, String> labels(String... pairs) {
    SequencedMap<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  /// A row without mark and further figures.
  public static BenchRow of(
      SequencedMap<String, String> labels,
      Timing timing,
      double operations,
      double bytes,
      Ceiling ceiling) {
    return new BenchRow(labels, timing, operations, bytes, ceiling, null, new LinkedHashMap<>());
  }

  /// This row with a mark.
  public BenchRow with(Mark wanted) {
    return new BenchRow(labels, timing, operations, bytes, ceiling, wanted, more);
  }

  /// This row with one more figure.
  public BenchRow with(String figure, double value) {
    SequencedMap<String, Double> longer = new LinkedHashMap<>(more);
    longer.put(figure, value);
    return new BenchRow(labels, timing, operations, bytes, ceiling, mark, longer);
  }

  /// All labels in one line: the row's name.
  public String name() {
    return String.join(" ", labels.values());
  }

  /// Operations a second, over the peak; NaN where they are not counted.
  public double ofPeak() {
    return operations == 0 ? Double.NaN : operations / timing.median() / ceiling.multiplyAdd();
  }

  /// Bytes a second, over those of a copy; NaN where they are not counted.
  public double ofCopy() {
    return bytes == 0 ? Double.NaN : bytes / timing.median() / ceiling.copy();
  }

  SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(LABELS, labels);
    map.put("runs", timing.runs());
    map.put(MEDIAN, timing.median());
    map.put("p20_s", timing.p20());
    map.put("p80_s", timing.p80());
    if (operations > 0) {
      map.put("operations", operations);
      map.put(OF_PEAK, ofPeak());
    }
    if (bytes > 0) {
      map.put("bytes", bytes);
      map.put(OF_COPY, ofCopy());
    }
    map.putAll(more);
    if (mark != null) {
      map.put("mark", mark.figure());
      map.put("reached", mark.reached());
      map.put("wanted", mark.wanted());
      map.put("of_mark", mark.part());
    }
    return map;
  }
}
