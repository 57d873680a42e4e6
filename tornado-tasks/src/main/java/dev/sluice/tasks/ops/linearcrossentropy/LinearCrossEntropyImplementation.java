package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to compute the loss.
public enum LinearCrossEntropyImplementation implements Implementation {
  /// Vector API, rows without a label left out.
  HOST("host", Feature.VECTOR_API),
  /// Vector API, rows without a label computed like the others, for comparison.
  HOST_ALL_ROWS("host-all-rows", Feature.VECTOR_API),
  /// cuBLAS with operands, logits and their gradients in bfloat16, where that is allowed.
  CUBLAS_BF16("cublas-bf16", Feature.TF32),
  /// cuBLAS with operands rounded to 10 bits of mantissa, where that is allowed.
  CUBLAS_TF32("cublas-tf32", Feature.TF32),
  /// cuBLAS, a work-group for each row of the softmax.
  CUBLAS("cublas", Feature.CUBLAS),
  /// Tiles in local memory, a work-group for each row of the softmax.
  TILED("tiled", Feature.WORK_GROUPS),
  /// One result a work-item.
  PARALLEL("parallel", null);

  private final String id;
  private final @Nullable Feature needed;

  LinearCrossEntropyImplementation(String id, @Nullable Feature needed) {
    this.id = id;
    this.needed = needed;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public boolean runsOn(Device device) {
    return (needed == null || device.has(needed))
        && (this != CUBLAS_BF16 || device.has(Feature.BF16));
  }

  @Override
  public boolean reducedPrecision() {
    return this == CUBLAS_BF16;
  }

  boolean cublas() {
    return this == CUBLAS || this == CUBLAS_TF32 || this == CUBLAS_BF16;
  }

  boolean host() {
    return this == HOST || this == HOST_ALL_ROWS;
  }
}
