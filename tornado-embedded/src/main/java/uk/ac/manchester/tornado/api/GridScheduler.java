package uk.ac.manchester.tornado.api;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The grids of tasks, by `graph.task`.
public class GridScheduler {

  private final ConcurrentHashMap<String, WorkerGrid> grids = new ConcurrentHashMap<>();

  /// No grids yet.
  public GridScheduler() {}

  /// @param task `graph.task`
  /// @param grid its grid
  public GridScheduler(String task, WorkerGrid grid) {
    addWorkerGrid(task, grid);
  }

  /// @param task `graph.task`
  /// @param grid its grid
  public void addWorkerGrid(String task, WorkerGrid grid) {
    grids.put(task, grid);
  }

  /// @param task `graph.task`
  /// @return its grid, or null
  public @Nullable WorkerGrid get(String task) {
    return grids.get(task);
  }

  /// @param graph a graph's name
  /// @param task a task's name
  /// @return whether that task has a grid
  public boolean contains(String graph, String task) {
    return grids.containsKey(graph + "." + task);
  }

  /// @return the tasks that have a grid
  public Set<String> keySet() {
    return grids.keySet();
  }

  @Override
  public String toString() {
    return grids.keySet().toString();
  }
}
