package dev.sluice.tasks.graph;

import java.util.List;

/// Collects what a node reads and writes; [#lower] appends it to its graph.
public final class NodeBuilder {
  private final Graph graph;
  private final String name;
  private List<Tensor> reads = List.of();
  private List<Tensor> writes = List.of();
  private List<Tensor> updates = List.of();
  private List<Tensor> scratch = List.of();

  NodeBuilder(Graph graph, String name) {
    this.graph = graph;
    this.name = name;
  }

  /// Tensors that the node reads.
  public NodeBuilder reads(Tensor... tensors) {
    reads = List.of(tensors);
    return this;
  }

  /// Tensors that the node reads.
  public NodeBuilder reads(List<Tensor> tensors) {
    reads = List.copyOf(tensors);
    return this;
  }

  /// Tensors that the node overwrites entirely.
  public NodeBuilder writes(Tensor... tensors) {
    writes = List.of(tensors);
    return this;
  }

  /// Tensors that the node reads and writes.
  public NodeBuilder updates(Tensor... tensors) {
    updates = List.of(tensors);
    return this;
  }

  /// Tensors that the node reads and writes.
  public NodeBuilder updates(List<Tensor> tensors) {
    updates = List.copyOf(tensors);
    return this;
  }

  /// Tensors that only the node's own tasks use.
  public NodeBuilder scratch(Tensor... tensors) {
    scratch = List.of(tensors);
    return this;
  }

  /// The gradient destinations that the node writes or, where [Destination#accumulate], updates;
  /// added to what [#writes] and [#updates] said before.
  public NodeBuilder fills(Destination... destinations) {
    for (Destination destination : destinations) {
      if (destination.accumulate()) {
        updates = concat(updates, destination.tensor());
      } else {
        writes = concat(writes, destination.tensor());
      }
    }
    return this;
  }

  /// Appends the node.
  public void lower(Node.Lowering lowering) {
    graph.append(new Node(name, reads, writes, updates, scratch, lowering));
  }

  private static List<Tensor> concat(List<Tensor> list, Tensor tensor) {
    List<Tensor> longer = new java.util.ArrayList<>(list);
    longer.add(tensor);
    return List.copyOf(longer);
  }
}
