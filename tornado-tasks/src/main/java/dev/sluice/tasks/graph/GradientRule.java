package dev.sluice.tasks.graph;

/// How gradients flow through one op: appends the nodes that compute them.
@FunctionalInterface
public interface GradientRule {
  /// Reads the gradients of the op's outputs from `gradients` and hands those of its inputs back.
  void apply(Gradients gradients);
}
