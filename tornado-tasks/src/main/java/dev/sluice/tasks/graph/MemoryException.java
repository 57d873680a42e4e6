package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;

/// A program does not fit into the memory that its device has.
public final class MemoryException extends GraphException {
  private static final long serialVersionUID = 1L;

  private final long planned;
  private final boolean heap;
  private final boolean withheld;

  MemoryException(Device device, long planned) {
    super(
        "not enough memory: %.0f MB are planned, and %s has %.0f MB"
            .formatted(planned / 1e6, device.id(), device.memory() / 1e6));
    this.planned = planned;
    this.heap = device.backend() == Backend.JVM;
    this.withheld = !heap && device.hasMore();
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
