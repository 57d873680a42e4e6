package dev.sluice.models;

import dev.sluice.layers.Initializers;
import dev.sluice.tasks.graph.Initializer;
import java.util.Map;

/// The step sizes Δ with which a state space model begins: drawn so that their logarithms are
/// uniform.
///
/// @param least `dt_min`
/// @param most `dt_max`
/// @param floor `dt_init_floor`, below which none is
public record StepSizes(double least, double most, double floor) {
  /// The defaults of flash-linear-attention.
  static final StepSizes DEFAULT = new StepSizes(0.001, 0.1, 1e-4);

  private static final String LEAST = "dt_min";
  private static final String MOST = "dt_max";
  private static final String FLOOR = "dt_init_floor";

  /// Checks the order.
  ///
  /// @throws ModelException naming the keys
  public StepSizes {
    if (least > most) {
      throw new ModelException(
          "config key '%s' %s is above '%s' %s".formatted(LEAST, least, MOST, most));
    }
  }

  static StepSizes read(ConfigReader keys) {
    return new StepSizes(
        keys.positiveNumber(LEAST, DEFAULT.least),
        keys.positiveNumber(MOST, DEFAULT.most),
        keys.positiveNumber(FLOOR, DEFAULT.floor));
  }

  void write(Map<String, Object> keys) {
    keys.put(LEAST, least);
    keys.put(MOST, most);
    keys.put(FLOOR, floor);
  }

  /// Begins the bias before the softplus that makes the steps.
  Initializer bias() {
    return Initializers.stepSizeBias(least, most, floor);
  }
}
