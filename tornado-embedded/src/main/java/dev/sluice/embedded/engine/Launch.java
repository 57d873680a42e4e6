package dev.sluice.embedded.engine;

import dev.sluice.embedded.Workers;

/// A task made ready: runs its kernel over the whole of its grid or loops.
@FunctionalInterface
interface Launch {

  /// @param workers the threads to share the work among
  void run(Workers workers);
}
