package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.SmallTranspose;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Products `a_i·b_i` of 16 rows at a time: first by lanes, then the lanes added up for all rows at
/// once, always in the same order.
final class RowDots {
  private static final int C = DeltaRuleChunk.C;
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final Class<? extends FloatVector> EXACT = Lanes.EXACT;

  /// Floats of memory.
  static final int SIZE = 3 * C * C;

  /// `[16, 16]` from here on: sums by lanes, a row a token.
  int lanes;

  float[] mem = new float[0];

  /// Works in [#SIZE] floats of `mem` from `at` on.
  void place(float[] mem, int at) {
    this.mem = mem;
    lanes = at;
  }

  /// By lanes, `a_i·b_i` over a multiple of 16 columns.
  void byLanes(int columns, float[] a, int aAt, float[] b, int bAt, boolean accumulate) {
    for (int i = 0; i < C; i++) {
      FloatVector sum =
          accumulate ? FloatVector.fromArray(S, mem, lanes + i * C) : FloatVector.zero(S);
      for (int x = i * columns; x < (i + 1) * columns; x += L) {
        FloatVector left = FloatVector.fromArray(S, a, aAt + x);
        sum = left.fma(FloatVector.fromArray(S, b, bAt + x), sum);
      }
      EXACT.cast(sum).intoArray(mem, lanes + i * C);
    }
  }

  /// Adds up the lanes.
  ///
  /// @param sums `[16]` from `at` on, Overwritten
  void sum(float[] sums, int at) {
    int turned = lanes + C * C;
    SmallTranspose.run(C, L, mem, lanes, C, mem, turned, C, mem, turned + C * C);
    for (int x = 0; x < C; x += L) {
      FloatVector sum = FloatVector.fromArray(S, mem, turned + x);
      for (int i = 1; i < L; i++) {
        sum = FloatVector.fromArray(S, mem, turned + i * C + x).add(sum);
      }
      EXACT.cast(sum).intoArray(sums, at + x);
    }
  }
}
