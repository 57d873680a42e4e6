package dev.sluice.tasks.ops.adamw;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to step.
public enum AdamWImplementation implements Implementation {
  /// One task over fixed blocks of all arrays.
  HOST("host", Feature.HOST_TASKS),
  /// Three parameters a task.
  PARALLEL("parallel", null);

  private final String id;
  private final @Nullable Feature needed;

  AdamWImplementation(String id, @Nullable Feature needed) {
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
