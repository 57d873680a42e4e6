package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Implementation;

/// The ways to compute gated linear attention, best first.
public enum GlaImplementation implements Implementation {
  /// Token by token, a work-item a column of the state; runs everywhere.
  RECURRENT("recurrent", new GlaRecurrent());

  private final String id;
  private final GlaForm form;

  GlaImplementation(String id, GlaForm form) {
    this.id = id;
    this.form = form;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public boolean runsOn(Device device) {
    return true;
  }

  /// The nodes of this implementation.
  GlaForm form() {
    return form;
  }
}
