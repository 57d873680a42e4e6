package dev.sluice.tasks.graph;

import java.util.List;

/// One step of a graph: what it reads and writes, and how it becomes tasks.
///
/// @param name op and form, such as `gla.forward`
/// @param reads tensors read
/// @param writes tensors overwritten entirely
/// @param updates tensors read and written: accumulated gradients, states
/// @param scratch tensors that only the node's own tasks use
/// @param lowering adds the tasks
public record Node(
    String name,
    List<Tensor> reads,
    List<Tensor> writes,
    List<Tensor> updates,
    List<Tensor> scratch,
    Lowering lowering) {
  /// Views stand for the tensors that they show.
  public Node {
    reads = reads.stream().map(Tensor::root).toList();
    writes = writes.stream().map(Tensor::root).toList();
    updates = updates.stream().map(Tensor::root).toList();
    scratch = scratch.stream().map(Tensor::root).toList();
  }

  /// Turns a node into tasks, once its tensors have buffers.
  @FunctionalInterface
  public interface Lowering {
    /// Adds the node's tasks to `tasks`.
    void lower(Tasks tasks);
  }
}
