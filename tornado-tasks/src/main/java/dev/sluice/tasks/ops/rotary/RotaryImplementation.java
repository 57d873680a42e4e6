package dev.sluice.tasks.ops.rotary;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;

/// How angles are found.
public enum RotaryImplementation implements Implementation {
  /// On the host, from a table that grows to the largest position seen.
  HOST("host") {
    @Override
    public boolean runsOn(Device device) {
      return device.has(Feature.HOST_TASKS);
    }
  },
  /// Computed where they are needed.
  PARALLEL("parallel");

  private final String id;

  RotaryImplementation(String id) {
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
