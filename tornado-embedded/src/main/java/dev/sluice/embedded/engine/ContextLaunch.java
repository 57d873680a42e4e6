package dev.sluice.embedded.engine;

import dev.sluice.embedded.Workers;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Runs a kernel with a context over its grid: group by group if its threads work together, else as
/// a plain loop. Each part has a thread of the grid, or a group, of its own.
final class ContextLaunch implements Launch, IntConsumer {

  private static final int PARTS_PER_THREAD = 4;

  private final String task;
  private final Geometry geometry;
  private final ContextKernel kernel;
  private final boolean grouped;
  private @Nullable WorkGroup[] groups = {};
  private @Nullable WorkItem[] items = {};
  private int parts;

  /// @param task `graph.task`
  /// @param geometry the grid
  /// @param kernel what each thread runs
  /// @param grouped whether threads work together
  ContextLaunch(String task, Geometry geometry, ContextKernel kernel, boolean grouped) {
    this.task = task;
    this.geometry = geometry;
    this.kernel = kernel;
    this.grouped = grouped;
  }

  @Override
  public void run(Workers workers) {
    int units = grouped ? geometry.groups() : geometry.threads();
    int wanted = workers.threads() == 1 ? 1 : workers.threads() * PARTS_PER_THREAD;
    parts = Math.min(units, wanted);
    if (groups.length < parts) {
      groups = new @Nullable WorkGroup[parts];
      items = new @Nullable WorkItem[parts];
    }
    workers.run(parts, this);
  }

  @Override
  public void accept(int part) {
    if (grouped) {
      runGroups(part);
    } else {
      runThreads(part);
    }
  }

  private void runGroups(int part) {
    WorkGroup group = groups[part];
    if (group == null) {
      group = new WorkGroup(task, geometry, kernel);
      groups[part] = group;
    }
    int end = SplitKernel.begin(0, geometry.groups(), part + 1, parts);
    for (int i = SplitKernel.begin(0, geometry.groups(), part, parts); i < end; i++) {
      group.run(i);
    }
  }

  private void runThreads(int part) {
    WorkItem item = items[part];
    if (item == null) {
      item = new WorkItem(geometry, null, 0);
      items[part] = item;
    }
    try {
      kernel.run(
          item,
          SplitKernel.begin(0, geometry.threads(), part, parts),
          SplitKernel.begin(0, geometry.threads(), part + 1, parts));
    } catch (RuntimeException e) {
      throw Failures.of(task + " at " + item.position(), e);
    }
  }
}
