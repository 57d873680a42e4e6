package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import org.jspecify.annotations.Nullable;

/// The ways to compute gated linear attention, best first.
public enum GlaImplementation implements Implementation {
  /// Vector API code of the embedded runtime: chunks of 16, or token by token where gates are
  /// strong.
  HOST("host", new GlaOnHost(), Feature.VECTOR_API),
  /// Chunks of 64 on matrix units, operands in bfloat16.
  MATRIX_UNITS("matrix-units", new GlaOnMatrixUnits(), Feature.MATRIX_UNITS),
  /// Chunks of 64 in float32 with work-groups, all chunks at the same time.
  CHUNKED("chunked", new GlaChunked(), Feature.WORK_GROUPS),
  /// Token by token, a work-item a column of the state; runs everywhere.
  RECURRENT("recurrent", new GlaRecurrent(), null);

  private final String id;
  private final GlaForm form;
  private final @Nullable Feature needed;

  GlaImplementation(String id, GlaForm form, @Nullable Feature needed) {
    this.id = id;
    this.form = form;
    this.needed = needed;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public boolean runsOn(Device device) {
    boolean pairs = this != MATRIX_UNITS || device.has(Feature.BF16);
    return pairs && (needed == null || device.has(needed));
  }

  @Override
  public boolean reducedPrecision() {
    return this == MATRIX_UNITS;
  }

  /// The nodes of this implementation.
  GlaForm form() {
    return form;
  }
}
