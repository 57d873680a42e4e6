package dev.sluice.cli.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `sluice bench step`.
@Command(
    name = "step",
    description = "Measures a whole training step of a language model, and its memory.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Example: sluice bench step --mixer mamba --dim 128 --length 1024"})
public final class BenchStepCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StepOptions options = new StepOptions();

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public BenchStepCommand() {}

  @Override
  public Integer call() {
    return StepBench.run(spec, options);
  }
}
