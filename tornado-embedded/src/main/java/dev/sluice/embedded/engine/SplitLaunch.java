package dev.sluice.embedded.engine;

import dev.sluice.embedded.Workers;
import java.util.function.IntConsumer;

/// Runs a split kernel on the pool, or on the calling thread where sharing costs more than it
/// saves.
///
/// Allocates nothing. Not for use by several threads at once.
final class SplitLaunch implements Launch, IntConsumer {

  private static final int PARTS_PER_THREAD = 4;

  /// A shared run below the first takes the calling thread alone from then on; a run on the calling
  /// thread above the second is shared again. Waking a thread costs about 10 µs.
  private static final long TOO_SHORT = 8_000;

  private static final long LONG_ENOUGH = 30_000;

  private final SplitKernel kernel;
  private final boolean nested;
  private int outerParts;
  private int innerParts;
  private boolean alone;

  SplitLaunch(SplitKernel kernel, boolean nested) {
    this.kernel = kernel;
    this.nested = nested;
  }

  @Override
  public void run(Workers workers) {
    long start = System.nanoTime();
    int length = kernel.length();
    if (alone || workers.threads() == 1) {
      kernel.run(0, 1, 0, 1);
      alone = System.nanoTime() - start < LONG_ENOUGH;
    } else {
      share(workers, length);
      alone = System.nanoTime() - start < TOO_SHORT;
    }
  }

  private void share(Workers workers, int length) {
    int wanted = workers.threads() * PARTS_PER_THREAD;
    outerParts = Math.max(1, Math.min(length, wanted));
    innerParts = nested && length < workers.threads() ? (wanted + outerParts - 1) / outerParts : 1;
    workers.run(outerParts * innerParts, this);
  }

  @Override
  public void accept(int part) {
    kernel.run(part / innerParts, outerParts, part % innerParts, innerParts);
  }
}
