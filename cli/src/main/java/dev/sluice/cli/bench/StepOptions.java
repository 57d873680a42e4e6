package dev.sluice.cli.bench;

import dev.sluice.cli.options.OptionChecks;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which step `sluice bench step` measures.
final class StepOptions {
  @Mixin BenchOptions bench = new BenchOptions();

  @Option(
      names = "--mixer",
      defaultValue = "gla",
      paramLabel = "PATTERN",
      description = "What mixes along time, as in train. Default: ${DEFAULT-VALUE}.")
  private String mixer;

  @Option(
      names = "--dim",
      defaultValue = "384",
      description = "Model width. Default: ${DEFAULT-VALUE}.")
  private int width;

  @Option(
      names = "--layers",
      defaultValue = "6",
      description = "Blocks. Default: ${DEFAULT-VALUE}.")
  private int layers;

  @Option(names = "--heads", defaultValue = "6", description = "Heads. Default: ${DEFAULT-VALUE}.")
  private int heads;

  @Option(
      names = "--batch",
      defaultValue = "4",
      description = "Rows of a batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--length",
      defaultValue = "512",
      description = "Tokens of a row. Default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--vocab",
      defaultValue = "256",
      description = "Size of the vocabulary. Default: ${DEFAULT-VALUE}.")
  private int vocabulary;

  @Option(
      names = "--tasks",
      description = "Say how long each kind of task takes, where the runtime tells.")
  boolean tasks;

  @SuppressWarnings("NullAway.Init")
  StepOptions() {}

  StepBench.Size size() {
    OptionChecks.positive("--dim", width);
    OptionChecks.positive("--layers", layers);
    OptionChecks.positive("--heads", heads);
    OptionChecks.positive("--batch", batch);
    OptionChecks.positive("--length", length);
    OptionChecks.positive("--vocab", vocabulary);
    return new StepBench.Size(mixer, width, layers, heads, batch, length, vocabulary);
  }
}
