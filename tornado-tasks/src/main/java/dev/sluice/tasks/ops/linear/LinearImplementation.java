package dev.sluice.tasks.ops.linear;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to compute an affine map.
public enum LinearImplementation implements Implementation {
  /// Packed panels on the host, with the Vector API where the JVM has it.
  HOST("host", Feature.HOST_TASKS),
  /// cuBLAS with operands rounded to 10 bits of mantissa, where that is allowed.
  CUBLAS_TF32("cublas-tf32", Feature.TF32),
  /// cuBLAS, float32.
  CUBLAS("cublas", Feature.CUBLAS),
  /// Tiles in local memory, float32.
  TILED("tiled", Feature.WORK_GROUPS),
  /// One result a work-item.
  PARALLEL("parallel", null);

  private final String id;
  private final @Nullable Feature needed;

  LinearImplementation(String id, @Nullable Feature needed) {
    this.id = id;
    this.needed = needed;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public boolean runsOn(Device device) {
    return needed == null || device.has(needed);
  }

  /// Whether it is one of those for work-groups, which are the faster the more they have to do.
  boolean joins() {
    return switch (this) {
      case CUBLAS, CUBLAS_TF32, TILED -> true;
      case HOST, PARALLEL -> false;
    };
  }
}
