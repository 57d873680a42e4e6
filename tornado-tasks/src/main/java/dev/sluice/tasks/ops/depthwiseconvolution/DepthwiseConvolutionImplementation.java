package dev.sluice.tasks.ops.depthwiseconvolution;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;

/// How the convolution is computed.
public enum DepthwiseConvolutionImplementation implements Implementation {
  /// Vectors of channels, on the host.
  HOST("host") {
    @Override
    public boolean runsOn(Device device) {
      return device.has(Feature.VECTOR_API);
    }
  },
  /// One channel of a row or pixel a work-item.
  PARALLEL("parallel");

  private final String id;

  DepthwiseConvolutionImplementation(String id) {
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
