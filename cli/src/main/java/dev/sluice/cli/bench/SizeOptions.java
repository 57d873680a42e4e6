package dev.sluice.cli.bench;

import java.util.List;
import picocli.CommandLine.Option;

/// On what ops are measured.
public final class SizeOptions {
  @Option(
      names = "--batch",
      defaultValue = "1",
      description = "Sequences. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(names = "--heads", defaultValue = "4", description = "Heads. Default: ${DEFAULT-VALUE}.")
  private int heads;

  @Option(
      names = "--keys",
      defaultValue = "64",
      description = "Keys of a head. Default: ${DEFAULT-VALUE}.")
  private int keys;

  @Option(
      names = "--values",
      defaultValue = "64",
      description = "Values of a head; times the heads, channels. Default: ${DEFAULT-VALUE}.")
  private int values;

  /// Used by picocli.
  public SizeOptions() {}

  /// A size for each of these lengths.
  ///
  /// @throws IllegalArgumentException naming an option that is not positive
  public List<SequenceSize> sizes(List<Integer> lengths) {
    positive("--batch", batch);
    positive("--heads", heads);
    positive("--keys", keys);
    positive("--values", values);
    lengths.forEach(length -> positive("--lengths", length));
    return lengths.stream()
        .map(length -> new SequenceSize(batch, length, heads, keys, values))
        .toList();
  }

  private static void positive(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s %d: must be at least 1".formatted(option, value));
    }
  }
}
