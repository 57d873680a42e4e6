package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Device;

/// One way to compute an op, as a constant of the op's own enum, best first.
public interface Implementation {
  /// The name by which it is forced and reported, such as `host-chunked`.
  String id();

  /// Whether `device` has what this implementation needs.
  boolean runsOn(Device device);

  /// Whether it multiplies in less than float32 (tf32, bf16, fp16). Its results are then held to
  /// the wider tolerances of such arithmetic.
  default boolean reducedPrecision() {
    return false;
  }

  /// Whether it is worth taking on `device`, where it runs: one that does not pay there is taken
  /// only by name, or if no other runs.
  default boolean paysOn(Device device) {
    return true;
  }
}
