package dev.sluice.tasks.graph;

/// Where a gradient goes.
///
/// @param tensor the gradient's tensor
/// @param accumulate whether the node must add to what is there (`+=`) or overwrite it
public record Destination(Tensor tensor, boolean accumulate) {
  /// [#accumulate] as the integer argument that kernels take: 1 to add, 0 to overwrite.
  public int beta() {
    return accumulate ? 1 : 0;
  }
}
