package dev.sluice.cli.bench;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// The results of recall runs in a file, where each is kept as soon as it is there, and as a table.
final class RecallTable {
  private static final String CELLS = "cells";
  private static final String CELL = "cell";
  private static final String RESULT = "result";

  private final Path path;
  private final List<SequencedMap<String, Object>> entries = new ArrayList<>();
  private final Map<Object, RecallResult> results = new LinkedHashMap<>();

  private RecallTable(Path path) {
    this.path = path;
  }

  /// The results in a file; none if there is no file.
  ///
  /// @throws dev.sluice.checkpoint.CheckpointException if it holds something else
  static RecallTable open(Path path) {
    RecallTable table = new RecallTable(path);
    if (Files.exists(path)) {
      for (JsonObject entry : BenchReport.objects(JsonFiles.load(path), CELLS)) {
        table.put(entry.object(CELL).toMap(), RecallResult.of(entry.object(RESULT)));
      }
    }
    return table;
  }

  /// The result of a cell, if it has been run.
  Optional<RecallResult> find(RecallCell cell) {
    return Optional.ofNullable(results.get(key(cell.toMap())));
  }

  /// Keeps a result.
  void add(RecallCell cell, RecallResult result) {
    put(cell.toMap(), result);
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(CELLS, entries);
    JsonFiles.store(path, map);
  }

  private void put(SequencedMap<String, ?> cell, RecallResult result) {
    results.put(key(cell), result);
    SequencedMap<String, Object> entry = new LinkedHashMap<>();
    entry.put(CELL, cell);
    entry.put(RESULT, result.toMap());
    entries.add(entry);
  }

  /// As it is written, so that a number that was read equals one that was not.
  private static String key(SequencedMap<String, ?> cell) {
    return JsonFiles.line(cell);
  }

  /// The results of these cells as Markdown: a table a task, a row a mixer and width, of which the
  /// best learning rate counts.
  ///
  /// @param note a sentence more, or nothing
  String markdown(List<RecallCell> cells, String note) {
    StringBuilder text = new StringBuilder();
    RecallCell.Setup setup = cells.getFirst().setup();
    text.append(
        """
        # Multi-query associative recall

        Written by `sluice bench mqar`. Each mixer in a model of %d layers with short convolutions of 4 where the mixer has them, %d heads, vocabulary %d; %d steps of %d examples, AdamW,
        cosine schedule from %s, seed %d; accuracy over the queries of 512 held-out examples, of which guessing among the values gets %.3f. One run a rate, of which the best is shown, and few steps: the order of the
        mixers says little.
        Parameters include the embedding; the state is what generation keeps of a sequence of that length, in floats; tokens a second are of training, by the median step, on
        %s.
        """
            .formatted(
                setup.layers(),
                setup.heads(),
                setup.vocabulary(),
                setup.steps(),
                setup.batch(),
                rates(cells),
                setup.seed(),
                2.0 / setup.vocabulary(),
                machines(cells)));
    if (!note.isEmpty()) {
      text.append('\n').append(note).append('\n');
    }
    for (String task : cells.stream().map(RecallTable::task).distinct().toList()) {
      text.append("\n## ").append(task).append("\n\n");
      text.append(
          "| mixer | width | held-out accuracy | learning rate | parameters | state | tokens/s |\n");
      text.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
      cells.stream()
          .filter(cell -> task(cell).equals(task))
          .collect(
              Collectors.groupingBy(RecallTable::head, LinkedHashMap::new, Collectors.toList()))
          .forEach((head, row) -> text.append(head).append(figures(row)).append('\n'));
    }
    return text.toString();
  }

  private static String task(RecallCell cell) {
    return "Length %d, %d pairs".formatted(cell.length(), cell.pairs());
  }

  /// What the line of a row begins with.
  private static String head(RecallCell cell) {
    return "| %s | %d |".formatted(cell.mixer(), cell.width());
  }

  private static String rates(List<RecallCell> cells) {
    return cells.stream()
        .map(cell -> String.valueOf(cell.setup().rate()))
        .distinct()
        .collect(Collectors.joining(" or "));
  }

  private String machines(List<RecallCell> cells) {
    return cells.stream()
        .flatMap(cell -> find(cell).stream())
        .map(RecallResult::machine)
        .distinct()
        .collect(Collectors.joining("; "));
  }

  /// The rest of a row's line: the best of its cells, which differ by the learning rate.
  private String figures(List<RecallCell> row) {
    return row.stream()
        .filter(cell -> find(cell).isPresent())
        .reduce((best, cell) -> result(cell).betterThan(result(best)) ? cell : best)
        .map(this::figures)
        .orElse(" not run | | | | |");
  }

  private String figures(RecallCell cell) {
    RecallResult result = result(cell);
    return String.format(
        Locale.ROOT,
        " %s | %s | %,d | %,d | %,.0f |",
        Double.isNaN(result.accuracy())
            ? "not finite"
            : String.format(Locale.ROOT, "%.3f", result.accuracy()),
        cell.setup().rate(),
        result.parameters(),
        result.state(),
        result.tokensPerSecond());
  }

  private RecallResult result(RecallCell cell) {
    return find(cell).orElseThrow();
  }
}
