package dev.sluice.cli.bench;

import dev.sluice.checkpoint.CheckpointException;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The rows of a benchmark and the machine that they were measured on, as JSON.
public final class BenchReport {
  private static final String BENCHMARK = "benchmark";
  private static final String MACHINE = "machine";
  private static final String ROWS = "rows";

  private BenchReport() {}

  /// The report as a JSON object.
  static SequencedMap<String, Object> toMap(
      String benchmark, Machine machine, List<BenchRow> rows) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(BENCHMARK, benchmark);
    map.put(MACHINE, machine.toMap());
    map.put(ROWS, rows.stream().map(BenchRow::toMap).toList());
    return map;
  }

  /// The medians of an earlier report: a row's name → seconds.
  ///
  /// @param benchmark which it must be of
  /// @throws CheckpointException if the file is no report of that benchmark
  static Map<String, Double> medians(Path path, String benchmark) {
    JsonObject report = JsonFiles.load(path);
    String found = report.text(BENCHMARK);
    if (!found.equals(benchmark)) {
      throw report.error(
          BENCHMARK,
          "is a report of '%s', not of '%s'; give another file".formatted(found, benchmark));
    }
    Map<String, Double> medians = new HashMap<>();
    for (JsonObject row : objects(report, ROWS)) {
      JsonObject labels = row.object(BenchRow.LABELS);
      String name = String.join(" ", labels.keys().stream().map(labels::text).toList());
      medians.put(name, row.number(BenchRow.MEDIAN));
    }
    return medians;
  }

  /// A list of objects.
  ///
  /// @throws CheckpointException if the key is missing or holds something else
  public static List<JsonObject> objects(JsonObject json, String key) {
    if (json.value(key) instanceof List<?> list
        && list.stream().allMatch(JsonObject.class::isInstance)) {
      return list.stream().map(JsonObject.class::cast).toList();
    }
    throw json.error(key, "a list of objects is needed; give a file that Sluice wrote");
  }
}
