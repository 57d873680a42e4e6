package dev.sluice.tasks.ceiling;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.Peak;

/// The ceiling of the JVM, with the Vector API.
final class CeilingHost {
  /// The first round ends while the loops are being compiled.
  private static final int ROUNDS = 3;

  private CeilingHost() {}

  static Ceiling measure() {
    Workers workers = Workers.shared();
    double multiplyAdd = 0;
    double copy = 0;
    for (int round = 0; round < ROUNDS; round++) {
      multiplyAdd = Math.max(multiplyAdd, Peak.multiplyAdd(workers));
      copy = Math.max(copy, Peak.copy(workers));
    }
    return new Ceiling(multiplyAdd, copy);
  }
}
