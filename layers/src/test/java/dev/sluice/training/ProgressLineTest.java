package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressLineTest {
  @Test
  void lineHasEverything() {
    assertEquals(
        "step  1200/20000  loss 2.3456  lr 3.00e-04  norm 1.23  12.3k tok/s  left 1:23:45",
        ProgressLine.format(
            LogEntry.ofTraining(1200, 0, 2.34561, 3e-4, 1.2345, 12345), 20_000, 5025));
  }

  @Test
  void whatIsNotMeasuredIsLeftOut() {
    LogEntry entry =
        new LogEntry(3, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 1.5, Double.NaN);
    assertEquals("step 3/9  held 1.5000", ProgressLine.format(entry, 9, Double.NaN));
  }

  @Test
  void extremesFitTheLine() {
    for (double number :
        new double[] {1.234e-300, 9.9999e300, Double.POSITIVE_INFINITY, 99_999.4, 0.00123}) {
      String line =
          ProgressLine.format(
              new LogEntry(
                  12_345_678, 1, number, number, number, Math.min(number, 1e14), number, 1),
              12_345_678,
              8_639_999);
      assertTrue(line.length() <= ProgressLine.COLUMNS, line);
    }
    String ordinary =
        ProgressLine.format(
            new LogEntry(100_000, 1, 11.2345, 3e-4, 12.3, 123_456, 11.2345, 1), 100_000, 359_999);
    assertTrue(ordinary.endsWith("left 99:59:59"), ordinary);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0:00",
    "59.6,1:00",
    "185,3:05",
    "3600,1:00:00",
    "359999,99:59:59",
    "360000,4 d 4 h",
    "-3,0:00"
  })
  void durations(double seconds, String shown) {
    assertEquals(shown, ProgressLine.duration(seconds));
  }

  @ParameterizedTest
  @CsvSource({
    "0,0.00",
    "1.234,1.23",
    "950,950",
    "999.4,999",
    "999.6,1.00k",
    "12345,12.3k",
    "4560000,4.56M",
    "2e9,2.00G",
    "0.001,1.00e-03"
  })
  void counts(double number, String shown) {
    assertEquals(shown, ProgressLine.count(number));
  }
}
