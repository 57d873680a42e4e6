package dev.sluice.embedded.engine;

import dev.sluice.embedded.Workers;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;

/// A graph made ready: one launch a task. Allocates nothing from one execution to the next.
final class GraphRunner {

  private final GraphDefinition definition;
  private final Launch[] launches;
  private final long[] times;

  GraphRunner(GraphDefinition definition, @Nullable GridScheduler grids) {
    this.definition = definition;
    List<TaskNode> tasks = definition.tasks();
    launches = new Launch[tasks.size()];
    times = new long[tasks.size()];
    for (int i = 0; i < launches.length; i++) {
      TaskNode task = tasks.get(i);
      launches[i] = Launches.of(task, grids == null ? null : grids.get(task.name()));
    }
  }

  void execute(Workers workers) {
    for (int i = 0; i < launches.length; i++) {
      launch(i, workers);
    }
  }

  /// @return the sum of the tasks' times in nanoseconds
  long executeTimed(Workers workers) {
    long sum = 0;
    for (int i = 0; i < launches.length; i++) {
      long start = System.nanoTime();
      launch(i, workers);
      times[i] = System.nanoTime() - start;
      sum += times[i];
    }
    return sum;
  }

  private void launch(int index, Workers workers) {
    try {
      launches[index].run(workers);
    } catch (RuntimeException e) {
      throw Failures.of(definition.tasks().get(index).name(), e);
    }
  }

  void clearTimes() {
    Arrays.fill(times, 0);
  }

  void appendJson(StringBuilder json) {
    long sum = 0;
    for (long time : times) {
      sum += time;
    }
    json.append("\n  \"").append(definition.name()).append("\": {\n    \"TOTAL_KERNEL_TIME\": \"");
    json.append(sum).append('"');
    for (int i = 0; i < times.length; i++) {
      json.append(",\n    \"").append(definition.tasks().get(i).name());
      json.append("\": {\"TASK_KERNEL_TIME\": \"").append(times[i]).append("\"}");
    }
    json.append("\n  }");
  }
}
