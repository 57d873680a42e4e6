package dev.sluice.tasks.ops.baseconv;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;

/// How the convolution with the long kernel is computed.
public enum BaseConvImplementation implements Implementation {
  /// Vectors of channels, on the host.
  HOST("host") {
    @Override
    public boolean runsOn(Device device) {
      return device.has(Feature.VECTOR_API);
    }
  },
  /// One channel of a row a work-item.
  PARALLEL("parallel");

  private final String id;

  BaseConvImplementation(String id) {
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
