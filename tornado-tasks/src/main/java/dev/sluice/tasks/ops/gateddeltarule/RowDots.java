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

  /// `[16, 16]`: sums by lanes, a row a token.
  final float[] lanes = new float[C * C];

  private final float[] lanesT = new float[C * C];
  private final float[] square = new float[C * C];

  /// By lanes, `a_i·b_i` over a multiple of 16 columns.
  void byLanes(int columns, float[] a, int aAt, float[] b, int bAt, boolean accumulate) {
    for (int i = 0; i < C; i++) {
      FloatVector sum = accumulate ? FloatVector.fromArray(S, lanes, i * C) : FloatVector.zero(S);
      for (int x = i * columns; x < (i + 1) * columns; x += L) {
        FloatVector left = FloatVector.fromArray(S, a, aAt + x);
        sum = left.fma(FloatVector.fromArray(S, b, bAt + x), sum);
      }
      EXACT.cast(sum).intoArray(lanes, i * C);
    }
  }

  /// Adds up the lanes.
  ///
  /// @param sums `[16]` from `at` on, Overwritten
  void sum(float[] sums, int at) {
    SmallTranspose.run(C, L, lanes, 0, C, lanesT, 0, C, square, 0);
    for (int x = 0; x < C; x += L) {
      FloatVector sum = FloatVector.fromArray(S, lanesT, x);
      for (int i = 1; i < L; i++) {
        sum = FloatVector.fromArray(S, lanesT, i * C + x).add(sum);
      }
      EXACT.cast(sum).intoArray(sums, at + x);
    }
  }
}
