package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.training.Schedule.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ScheduleTest {
  /// Rounding of a few operations in double.
  private static final double ROUNDING = 1e-15;

  @ParameterizedTest
  @CsvSource({
    "constant,0,0.2",
    "constant,4,1",
    "constant,5,1",
    "constant,30,1",
    "constant,25,1",
    "cosine,4,1",
    "cosine,5,1",
    "cosine,15,0.55",
    "cosine,25,0.1",
    "cosine,99,0.1",
    "cosine,10,0.8681980515339464",
    "linear,0,0.2",
    "linear,5,1",
    "linear,15,0.55",
    "linear,20,0.325",
    "linear,25,0.1",
    "linear,26,0.1",
    "warmup-stable-decay,2,0.6",
    "warmup-stable-decay,17,1",
    "warmup-stable-decay,21,0.55",
    "warmup-stable-decay,25,0.1"
  })
  void rateOfAStep(String shape, long step, double expected) {
    Schedule schedule = new Schedule(Shape.parse(shape), 1, 0.1, 5, 25, 8);
    assertEquals(expected, schedule.at(step), ROUNDING);
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void rateNeverLeavesItsBounds(Shape shape) {
    for (Schedule schedule :
        new Schedule[] {
          new Schedule(shape, 3e-4, 0, 0, 1, 0),
          new Schedule(shape, 3e-4, 3e-5, 7, 7, 0),
          new Schedule(shape, 3e-4, 3e-5, 3, 100, 97)
        }) {
      for (long step = 0; step < 120; step++) {
        double rate = schedule.at(step);
        assertTrue(rate >= 0 && rate <= 3e-4 * (1 + ROUNDING), schedule + " at " + step);
        if (step > schedule.warmup()) {
          assertTrue(rate <= schedule.at(step - 1), schedule + " falls at " + step);
        }
      }
    }
  }

  @Test
  void unknownNamesAreRefused() {
    assertEquals(
        "schedule: unknown name \"cosin\"; did you mean cosine?",
        assertThrows(IllegalArgumentException.class, () -> Shape.parse("cosin")).getMessage());
    assertEquals(
        "schedule: unknown name \"x\"; known: constant, cosine, linear, warmup-stable-decay",
        assertThrows(IllegalArgumentException.class, () -> Shape.parse("x")).getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "-1,0,0,9,0,learning rate -1.0: must be a number of at least 0",
    "NaN,0,0,9,0,learning rate NaN: must be a number of at least 0",
    "1,2,0,9,0,least learning rate 2.0: must be between 0 and the learning rate 1.0",
    "1,0,0,0,0,steps 0: must be at least 1",
    "1,0,10,9,0,warm-up of 10 steps: must be between 0 and the 9 steps of the run",
    "1,0,4,9,6,decay over 6 steps: must be between 0 and the 5 steps after the warm-up"
  })
  void refusesWhatDoesNotFit(
      double peak, double floor, long warmup, long steps, long decay, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () -> new Schedule(Shape.WARMUP_STABLE_DECAY, peak, floor, warmup, steps, decay))
            .getMessage());
  }
}
