package dev.sluice.tasks.ops.selectivescan;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;

/// How the scan is computed.
public enum SelectiveScanImplementation implements Implementation {
  /// Token by token, vectors of channels, on the host.
  HOST("host") {
    @Override
    public boolean runsOn(Device device) {
      return device.has(Feature.VECTOR_API);
    }
  },
  /// Parallel over time: chunks from zero, then the states between them, then the chunks again. A
  /// single time step takes the recurrent form, having nothing to be parallel over. On the JVM's
  /// few threads the recurrent form is about twice as fast.
  CHUNKED("chunked") {
    @Override
    public boolean paysOn(Device device) {
      return device.backend() != Backend.JVM;
    }
  },
  /// Forward token by token, one channel of a sequence a work-item; backward as the chunked form.
  RECURRENT("recurrent");

  private final String id;

  SelectiveScanImplementation(String id) {
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
