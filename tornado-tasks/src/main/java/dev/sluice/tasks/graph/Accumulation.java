package dev.sluice.tasks.graph;

/// Sums of gradients where a tensor has several users.
final class Accumulation {
  private Accumulation() {}

  /// Appends `total += part`.
  static void add(Graph graph, Tensor total, Tensor part) {
    graph
        .node("gradient.add")
        .reads(part)
        .updates(total)
        .lower(tasks ->
            tasks.task(
                "add",
                Grid.PARALLEL,
                AccumulationKernels::add,
                tasks.floats(part),
                tasks.floats(total),
                total.size()));
  }

  /// Appends `total = a + b`.
  static void sum(Graph graph, Tensor a, Tensor b, Tensor total) {
    graph
        .node("gradient.sum")
        .reads(a, b)
        .writes(total)
        .lower(tasks ->
            tasks.task(
                "sum",
                Grid.PARALLEL,
                AccumulationKernels::sum,
                tasks.floats(a),
                tasks.floats(b),
                tasks.floats(total),
                total.size()));
  }
}
