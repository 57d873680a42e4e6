package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;

/// Where in a model a layer stands: the graph to which it appends and the path that its parameters'
/// names begin with, as in a checkpoint (`model.layers.0.attn`).
public final class Scope {
  private final Graph graph;
  private final String path;

  private Scope(Graph graph, String path) {
    this.graph = graph;
    this.path = path;
  }

  /// The outermost scope of a graph.
  public static Scope root(Graph graph) {
    return new Scope(graph, "");
  }

  /// The scope `name` within this one.
  public Scope child(String name) {
    return new Scope(graph, name(name));
  }

  /// The graph.
  public Graph graph() {
    return graph;
  }

  /// The full name of something called `name` in this scope.
  public String name(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /// A trained tensor. Weight decay applies if it has two dimensions or more.
  public Tensor parameter(String name, Shape shape, Initializer initializer) {
    return graph.parameter(name(name), shape, initializer, shape.rank() >= 2);
  }

  /// A trained tensor to which weight decay never applies.
  public Tensor undecayed(String name, Shape shape, Initializer initializer) {
    return graph.parameter(name(name), shape, initializer, false);
  }
}
