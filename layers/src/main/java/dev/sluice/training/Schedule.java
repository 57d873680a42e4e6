package dev.sluice.training;

import dev.sluice.tasks.names.NearestName;
import java.util.Arrays;
import java.util.List;

/// The learning rate as a function of the step, so that a resumed run needs nothing but its step.
///
/// Steps count from 0. Over the first `warmup` steps the rate rises in a line,
/// `peak·(step+1)/warmup`; then comes the [Shape] over the rest, `p = (step − warmup) / (steps −
/// warmup)`; from `steps` on the rate stays where that ends.
///
/// @param shape what follows the warm-up
/// @param peak highest rate
/// @param floor rate at the end of a decay
/// @param warmup steps of the warm-up, 0 for none
/// @param steps steps of the whole run
/// @param decay the last steps, over which [Shape#WARMUP_STABLE_DECAY] falls; the other shapes
///   ignore it
public record Schedule(
    Shape shape, double peak, double floor, long warmup, long steps, long decay) {
  /// What the rate does after the warm-up.
  public enum Shape {
    /// Stays at the peak.
    CONSTANT("constant"),
    /// `floor + (peak − floor)·(1 + cos πp)/2`.
    COSINE("cosine"),
    /// `peak + (floor − peak)·p`.
    LINEAR("linear"),
    /// Stays at the peak, then falls in a line to the floor over the last `decay` steps.
    WARMUP_STABLE_DECAY("warmup-stable-decay");

    private final String label;

    Shape(String label) {
      this.label = label;
    }

    /// The name in options and files.
    public String label() {
      return label;
    }

    /// All names.
    public static List<String> labels() {
      return Arrays.stream(values()).map(Shape::label).toList();
    }

    /// The shape of that name.
    ///
    /// @throws IllegalArgumentException if there is none; it names the nearest
    public static Shape parse(String name) {
      for (Shape shape : values()) {
        if (shape.label.equals(name)) {
          return shape;
        }
      }
      throw new IllegalArgumentException(
          "schedule: unknown name \"%s\"%s".formatted(name, NearestName.hint(name, labels())));
    }
  }

  /// Checks that the numbers fit together.
  ///
  /// @throws IllegalArgumentException if they do not
  public Schedule {
    require(
        peak >= 0 && Double.isFinite(peak),
        "learning rate %s: must be a number of at least 0".formatted(peak));
    require(
        floor >= 0 && floor <= peak,
        "least learning rate %s: must be between 0 and the learning rate %s"
            .formatted(floor, peak));
    require(steps >= 1, "steps %d: must be at least 1".formatted(steps));
    require(
        warmup >= 0 && warmup <= steps,
        "warm-up of %d steps: must be between 0 and the %d steps of the run"
            .formatted(warmup, steps));
    require(
        shape != Shape.WARMUP_STABLE_DECAY || (decay >= 0 && decay <= steps - warmup),
        "decay over %d steps: must be between 0 and the %d steps after the warm-up"
            .formatted(decay, steps - warmup));
  }

  /// The learning rate of a step.
  ///
  /// @param step 0 is the first
  public double at(long step) {
    if (step < warmup) {
      return peak * (step + 1) / warmup;
    }
    double part = part(step, warmup);
    return switch (shape) {
      case CONSTANT -> peak;
      // StrictMath, so that every machine has the same rate.
      case COSINE -> floor + (peak - floor) * (1 + StrictMath.cos(StrictMath.PI * part)) / 2;
      case LINEAR -> peak + (floor - peak) * part;
      case WARMUP_STABLE_DECAY -> peak + (floor - peak) * part(step, steps - decay);
    };
  }

  /// How much of the steps from `start` to the end is done, 0 … 1.
  private double part(long step, long start) {
    if (step >= steps) {
      return 1;
    }
    return step <= start ? 0 : (double) (step - start) / (steps - start);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
