package dev.sluice.tasks.ops.crossentropy;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to compute the cross-entropy.
public enum CrossEntropyImplementation implements Implementation {
  /// On the host with the Vector API.
  HOST("host", Feature.VECTOR_API),
  /// A work-group for each row.
  GROUPED("grouped", Feature.WORK_GROUPS),
  /// A work-item for each row.
  PARALLEL("parallel", null);

  private final String id;
  private final @Nullable Feature needed;

  CrossEntropyImplementation(String id, @Nullable Feature needed) {
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
