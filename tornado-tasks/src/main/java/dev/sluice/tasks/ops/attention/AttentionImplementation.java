package dev.sluice.tasks.ops.attention;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;

/// How attention is computed.
public enum AttentionImplementation implements Implementation {
  /// Matrix products over blocks of queries and keys, on the host.
  HOST("host") {
    @Override
    public boolean runsOn(Device device) {
      return device.has(Feature.VECTOR_API);
    }
  },
  /// One query or key of a head a work-item.
  STREAMING("streaming");

  private final String id;

  AttentionImplementation(String id) {
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
