package dev.sluice.tasks.ops.dropout;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to compute the mask.
public enum DropoutImplementation implements Implementation {
  /// On the host with the Vector API.
  HOST("host", Feature.VECTOR_API),
  /// Eight elements a work-item.
  PARALLEL("parallel", null);

  private final String id;
  private final @Nullable Feature needed;

  DropoutImplementation(String id, @Nullable Feature needed) {
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
