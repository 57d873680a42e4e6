package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;

/// A program does not fit into the memory that its device has.
public final class MemoryException extends GraphException {
  private static final long serialVersionUID = 1L;

  private final long planned;
  private final boolean heap;
  private final boolean withheld;
  private final boolean refused;

  /// More is planned than the device has.
  MemoryException(Device device, long planned) {
    this(
        device,
        planned,
        "not enough memory: %.0f MB are planned, and %s has %.0f MB"
            .formatted(planned / 1e6, device.id(), device.memory() / 1e6),
        false);
  }

  private MemoryException(Device device, long planned, String message, boolean refused) {
    super(message);
    this.refused = refused;
    this.planned = planned;
    this.heap = device.backend() == Backend.JVM;
    this.withheld = !heap && device.hasMore();
  }

  /// What is planned would fit, but the device did not give it.
  static MemoryException refused(Device device, long planned) {
    return new MemoryException(
        device,
        planned,
        "not enough memory: %s did not give the %.0f MB that are planned, of %.0f MB that it has"
            .formatted(device.id(), planned / 1e6, device.memory() / 1e6),
        true);
  }

  /// Whether the device has refused memory that it has in all: something else holds it.
  public boolean refused() {
    return refused;
  }

  /// Bytes that the program was planned to take.
  public long planned() {
    return planned;
  }

  /// Whether it is the JVM's heap that is too small, which its option `-Xmx` makes larger.
  public boolean heap() {
    return heap;
  }

  /// Whether the device has more, which TornadoVM's setting `tornado.device.memory` withholds.
  public boolean withheld() {
    return withheld;
  }
}
