package dev.sluice.tasks.ops.attentiondecode;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;

/// How the new time steps attend.
public enum AttentionDecodeImplementation implements Implementation {
  /// Vectors of a head's elements, on the host.
  HOST("host") {
    @Override
    public boolean runsOn(Device device) {
      return device.has(Feature.VECTOR_API);
    }
  },
  /// One head of a time step a work-item.
  PARALLEL("parallel");

  private final String id;

  AttentionDecodeImplementation(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public boolean runsOn(Device device) {
    return true;
  }
}
