package dev.sluice.cli.bench;

import dev.sluice.cli.options.OptionChecks;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which step `sluice bench step` measures.
final class StepOptions {
  @Option(
      names = "--mixer",
      defaultValue = "gla",
      paramLabel = "PATTERN",
      description =
          "What mixes along time, a name or a pattern as in train --mixer. Default: ${DEFAULT-VALUE}.")
  private String mixer;

  @Option(
      names = "--dim",
      paramLabel = "N",
      defaultValue = "384",
      description = "Width of the model. Default: ${DEFAULT-VALUE}.")
  private int width;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "6",
      description = "Number of layers. Default: ${DEFAULT-VALUE}.")
  private int layers;

  @Option(
      names = "--heads",
      paramLabel = "N",
      defaultValue = "6",
      description =
          "Heads of a layer, where its mixer has any; they share the width. Default: ${DEFAULT-VALUE}.")
  private int heads;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "4",
      description = "Examples of a batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "512",
      description = "Tokens of an example. Default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--vocab",
      paramLabel = "N",
      defaultValue = "256",
      description = "Size of the vocabulary. Default: ${DEFAULT-VALUE}.")
  private int vocabulary;

  @Option(
      names = "--tasks",
      description =
          "Say how long each kind of task takes, where the runtime tells, on standard error.")
  boolean tasks;

  @Mixin BenchOptions bench = new BenchOptions();

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
