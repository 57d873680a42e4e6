package dev.sluice.tasks.ops.gatedrmsnorm;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to compute the gated normalization.
public enum GatedRmsNormImplementation implements Implementation {
  /// On the host with the Vector API.
  HOST("host", Feature.VECTOR_API),
  /// Some work-items of a group for each row.
  GROUPED("grouped", Feature.WORK_GROUPS),
  /// One row a work-item.
  PARALLEL("parallel", null);

  private final String id;
  private final @Nullable Feature needed;

  GatedRmsNormImplementation(String id, @Nullable Feature needed) {
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
