package dev.sluice.cli.bench;

import dev.sluice.cli.options.OptionChecks;
import java.util.List;
import picocli.CommandLine.Option;

/// On what ops are measured.
public final class SizeOptions {
  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1",
      description = "Number of sequences. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--heads",
      paramLabel = "N",
      defaultValue = "4",
      description = "Number of heads. Default: ${DEFAULT-VALUE}.")
  private int heads;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "64",
      description = "Size of a key. Default: ${DEFAULT-VALUE}.")
  private int keys;

  @Option(
      names = "--values",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "Size of a value; ops without heads have this times --heads as channels. Default: ${DEFAULT-VALUE}.")
  private int values;

  /// Used by picocli.
  public SizeOptions() {}

  /// A size for each of these lengths.
  ///
  /// @throws IllegalArgumentException naming an option that is not positive
  public List<SequenceSize> sizes(List<Integer> lengths) {
    OptionChecks.positive("--batch", batch);
    OptionChecks.positive("--heads", heads);
    OptionChecks.positive("--keys", keys);
    OptionChecks.positive("--values", values);
    lengths.forEach(length -> OptionChecks.positive("--lengths", length));
    return lengths.stream()
        .map(length -> new SequenceSize(batch, length, heads, keys, values))
        .toList();
  }
}
