package dev.sluice.cli.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `sluice bench`: a whole training step, or one of its subcommands.
@Command(
    name = "bench",
    description =
        "Measures speed and memory: without a command behind it, those of a whole training step (as bench step).",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  sluice bench --output before.json",
      "  sluice bench --compare before.json"
    })
public final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StepOptions options = new StepOptions();

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public BenchCommand() {}

  @Override
  public Integer call() {
    return StepBench.run(spec, options);
  }
}
