package dev.sluice.cli.bench.cpu;

import picocli.CommandLine.Option;

/// How long and how often work is measured.
final class CpuRounds {
  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.4",
      description =
          "Seconds of measuring a piece of work in a round, after more of warming up. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "How often everything is measured, so that minutes in which others use the machine do not count: the fastest of all"
              + " rounds does. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  /// Used by picocli.
  CpuRounds() {}

  /// The clock to take times with.
  CpuClock clock() {
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("--seconds %s: must be above 0".formatted(seconds));
    }
    if (rounds < 1) {
      throw new IllegalArgumentException("--rounds %d: must be at least 1".formatted(rounds));
    }
    return new CpuClock(seconds);
  }

  /// Does the round as often as asked.
  void run(Runnable round) {
    for (int i = 0; i < rounds; i++) {
      round.run();
    }
  }
}
