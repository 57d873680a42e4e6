package dev.sluice.tasks.ops.firstchoice;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to look for what is before a label.
public enum FirstChoiceImplementation implements Implementation {
  /// A work-group for each row.
  GROUPED("grouped", Feature.WORK_GROUPS),
  /// A work-item for each row.
  PARALLEL("parallel", null);

  private final String id;
  private final @Nullable Feature needed;

  FirstChoiceImplementation(String id, @Nullable Feature needed) {
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
