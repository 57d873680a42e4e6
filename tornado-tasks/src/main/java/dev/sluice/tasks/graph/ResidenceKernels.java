package dev.sluice.tasks.graph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The one task of graphs that only hold arrays: a graph without tasks does not exist.
final class ResidenceKernels {
  private ResidenceKernels() {}

  /// `token += 1`
  ///
  /// @param token `[1]`, Accumulated
  static void touch(IntArray token) {
    for (@Parallel int i = 0; i < 1; i++) {
      token.set(i, token.get(i) + 1);
    }
  }
}
