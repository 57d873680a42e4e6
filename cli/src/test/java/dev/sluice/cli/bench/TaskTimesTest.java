package dev.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.cli.CommandRun;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskTimesTest {
  @Test
  void addsTasksOfOneKind() {
    var times = TaskTimes.of(Map.of("step.add_1", 0.5, "step.add_12", 0.25, "update.adamw_0", 1.0));
    assertEquals(
        Map.of(
            "step.add", new TaskTimes.Total(2, 0.75), "update.adamw", new TaskTimes.Total(1, 1.0)),
        times.kinds());
  }

  @Test
  void areToldOfAStep() {
    CommandRun run =
        CommandRun.of(
            "bench",
            "step",
            "--dim",
            "16",
            "--layers",
            "1",
            "--heads",
            "2",
            "--batch",
            "1",
            "--length",
            "8",
            "--vocab",
            "16",
            "--seconds",
            "0.01",
            "--tasks");
    assertTrue(run.errors().contains("× step.gla_forward"), run.errors());
    assertTrue(run.errors().contains("× update.adamw"), run.errors());
  }
}
