package dev.sluice.cli.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CpuRowTest {
  @Test
  void failsBelowNineTenthsOfItsMark() {
    assertFalse(CpuRow.atLeast("w", 1, 1, CpuRow.OF_PEAK, 0.46, 0.5).failed());
    assertTrue(CpuRow.atLeast("w", 1, 1, CpuRow.OF_PEAK, 0.44, 0.5).failed());
    assertFalse(CpuRow.atMost("w", 1, 1, "seconds", 2.1, 2).failed());
    assertTrue(CpuRow.atMost("w", 1, 1, "seconds", 2.3, 2).failed());
  }

  @Test
  void whatWasNotMeasuredSaysSoAndDoesNotFail() {
    CpuRow row = CpuRow.missing("product", 2, CpuRow.OVER_OPENBLAS, 0.95, "no OpenBLAS");
    assertFalse(row.failed());
    assertEquals("product, 2 threads: not measured: no OpenBLAS (× OpenBLAS)", CpuReport.line(row));
    assertFalse(row.toMap().containsKey("reached"));
  }

  @Test
  void ofTwoRoundsTheFastestOfTheWorkAndOfItsCeilingCount() {
    CpuRow slowWork = CpuRow.atLeast("w", 1, 4, CpuRow.OF_COPY, 0.5, 0.8);
    CpuRow slowCopy = CpuRow.atLeast("w", 1, 3, CpuRow.OF_COPY, 1.0, 0.8);
    CpuRow both = slowWork.with(slowCopy);
    assertEquals(3, both.seconds());
    assertEquals(2.0 / 3, both.reached(), 1e-12);
    assertEquals(both, slowCopy.with(slowWork));
  }

  @Test
  void ofTwoRoundsTheLeastCountsWhereLessIsBetter() {
    CpuRow first = CpuRow.atMost("start", 2, 2.5, "seconds", 2.5, 2);
    CpuRow second = CpuRow.atMost("start", 2, 2.1, "seconds", 2.1, 2);
    assertEquals(second, first.with(second));
    assertEquals(second, second.with(first));
  }

  @Test
  void aRoundRepeatsTheSameFigureOfTheSameWork() {
    CpuRow copy = CpuRow.atLeast("w", 2, 1, CpuRow.OF_COPY, 0.5, 0.8);
    assertTrue(copy.repeats(CpuRow.atLeast("w", 2, 2, CpuRow.OF_ARITHMETIC, 0.5, 0.8)));
    assertFalse(copy.repeats(CpuRow.atLeast("w", 1, 1, CpuRow.OF_COPY, 0.5, 0.8)));
    assertFalse(copy.repeats(CpuRow.atLeast("w", 2, 1, CpuRow.OF_PEAK, 0.5, 0.8)));
    assertFalse(copy.repeats(CpuRow.atLeast("v", 2, 1, CpuRow.OF_COPY, 0.5, 0.8)));
  }

  @Test
  void aRoundThatMeasuredNothingChangesNothing() {
    CpuRow row = CpuRow.atLeast("p", 2, 1, CpuRow.OVER_OPENBLAS, 1.5, 0.95);
    CpuRow missing = CpuRow.missing("p", 2, CpuRow.OVER_OPENBLAS, 0.95, "no OpenBLAS");
    assertEquals(row, row.with(missing));
    assertEquals(row, missing.with(row));
  }
}
