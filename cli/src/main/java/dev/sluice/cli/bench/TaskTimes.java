package dev.sluice.cli.bench;

import dev.sluice.training.TrainingProgram;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Where the time of a training step goes: seconds by kind of task, the longest first.
///
/// @param kinds kind of task → what its tasks took
record TaskTimes(Map<String, Total> kinds) {
  /// Of each task the fastest of this many runs counts.
  private static final int RUNS = 5;

  /// Tasks of one kind.
  ///
  /// @param tasks how many
  /// @param seconds of all of them
  record Total(int tasks, double seconds) {
    private Total plus(Total other) {
      return new Total(tasks + other.tasks, seconds + other.seconds);
    }
  }

  /// Of a program that has done a step.
  static TaskTimes of(TrainingProgram program) {
    SequencedMap<String, Double> fastest = new LinkedHashMap<>();
    for (int i = 0; i < RUNS; i++) {
      program.taskSeconds().forEach((task, seconds) -> fastest.merge(task, seconds, Math::min));
    }
    return of(fastest);
  }

  /// Tasks of one kind have ids that differ in their number only.
  static TaskTimes of(Map<String, Double> seconds) {
    Map<String, Total> kinds = new TreeMap<>();
    seconds.forEach((task, time) ->
        kinds.merge(task.replaceFirst("_?\\d+$", ""), new Total(1, time), Total::plus));
    return new TaskTimes(kinds);
  }

  void print(PrintWriter out) {
    double all = kinds.values().stream().mapToDouble(Total::seconds).sum();
    if (all == 0) {
      out.println("tasks: the runtime does not tell their times here");
      return;
    }
    kinds.entrySet().stream()
        .sorted(Comparator.comparingDouble(e -> -e.getValue().seconds()))
        .forEach(e ->
            out.printf(
                "%10.3f ms %5.1f %% %4d × %s%n",
                e.getValue().seconds() * 1e3,
                100 * e.getValue().seconds() / all,
                e.getValue().tasks(),
                e.getKey()));
  }
}
