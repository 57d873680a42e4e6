package dev.sluice.tasks.ops.gatedattention;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;

/// How the gate is computed.
public enum GatedAttentionImplementation implements Implementation {
  /// Vectors of elements, on the host.
  HOST("host") {
    @Override
    public boolean runsOn(Device device) {
      return device.has(Feature.VECTOR_API);
    }
  },
  /// One element, or one gate, a work-item.
  PARALLEL("parallel");

  private final String id;

  GatedAttentionImplementation(String id) {
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
