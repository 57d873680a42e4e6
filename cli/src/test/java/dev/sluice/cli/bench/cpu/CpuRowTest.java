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
}
