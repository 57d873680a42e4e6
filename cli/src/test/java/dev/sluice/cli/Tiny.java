package dev.sluice.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The arguments of a training run that takes a moment.
final class Tiny {
  private Tiny() {}

  /// `sluice train` into `run`, with further options.
  static String[] train(Path run, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("train", "--task", "mqar", "--run", run.toString(), "--log-every", "1"));
    String[] sizes = {
      "--vocab",
      "16",
      "--length",
      "8",
      "--pairs",
      "2",
      "--dim",
      "8",
      "--layers",
      "1",
      "--batch",
      "2"
    };
    for (int i = 0; i < sizes.length; i += 2) {
      if (!List.of(more).contains(sizes[i])) {
        arguments.add(sizes[i]);
        arguments.add(sizes[i + 1]);
      }
    }
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }
}
