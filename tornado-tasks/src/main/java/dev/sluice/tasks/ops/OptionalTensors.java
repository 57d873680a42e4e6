package dev.sluice.tasks.ops;

import dev.sluice.tasks.graph.Tensor;
import org.jspecify.annotations.Nullable;

/// Arguments of a kernel that may be absent: a kernel takes an array all the same, and a flag that
/// says whether to look at it.
public final class OptionalTensors {
  private OptionalTensors() {}

  /// `optional`, or an array for the kernel to ignore.
  ///
  /// @param placeholder one that the task only reads, or has nowhere else: TornadoVM never ends
  ///   ordering a task whose array it writes in one place and has again in a later one
  public static Tensor or(@Nullable Tensor optional, Tensor placeholder) {
    return optional == null ? placeholder : optional;
  }

  /// 1 where `optional` is there, else 0.
  public static int flag(@Nullable Tensor optional) {
    return optional == null ? 0 : 1;
  }
}
