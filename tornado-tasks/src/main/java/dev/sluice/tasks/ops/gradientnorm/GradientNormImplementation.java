package dev.sluice.tasks.ops.gradientnorm;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to compute the gradient norm.
public enum GradientNormImplementation implements Implementation {
  /// One task over fixed blocks of all arrays.
  HOST("host", Feature.HOST_TASKS),
  /// Eight gradients a task, their sums by a work-group.
  GROUPED("grouped", Feature.WORK_GROUPS),
  /// Eight gradients a task, their sums by a work-item.
  PARALLEL("parallel", null);

  private final String id;
  private final @Nullable Feature needed;

  GradientNormImplementation(String id, @Nullable Feature needed) {
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
}
