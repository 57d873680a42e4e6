package dev.sluice.tasks.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Implementation;
import dev.sluice.tasks.graph.OpProbe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/// Random numbers by seed, trials over all implementations of an op, and comparisons.
public final class OpCheck {
  /// Outputs and states in float32: sums of some hundred products, rounded once each.
  public static final double OUTPUT = 2e-5;

  /// Gradients in float32: two such sums after each other.
  public static final double GRADIENT = 1e-4;

  /// Outputs and states of products in bfloat16, summed in float32: factors are off by 2⁻⁹.
  public static final double REDUCED_OUTPUT = 5e-3;

  /// Gradients of such products: differences of sums lose more.
  public static final double REDUCED_GRADIENT = 2e-2;

  /// Analytic gradients in double against central differences of step 1e-5.
  public static final double FINITE_DIFFERENCE = 1e-6;

  /// Below this a reference counts as zero and is compared absolutely.
  private static final double ZERO = 1e-6;

  private static final double STEP = 1e-5;

  private OpCheck() {}

  /// One implementation on one device.
  ///
  /// @param name the implementation's id, or the device's where the op has only one
  /// @param device where it runs
  /// @param choices forces it
  public record Trial(String name, Device device, Choices choices) {
    /// A probe for this trial.
    public OpProbe probe() {
      return new OpProbe(device, choices);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// The devices to test on: the preferred one, the same without the Vector API, and the same with
  /// work-groups, which the embedded runtime emulates.
  public static List<Device> devices() {
    Device device = Devices.preferred();
    return List.of(device, device.without(Feature.VECTOR_API), device.with(Feature.WORK_GROUPS));
  }

  /// Each implementation of `op` once, on the first device that it runs on.
  public static <E extends Enum<E> & Implementation> List<Trial> trials(
      String op, Class<E> implementations) {
    List<Trial> trials = new ArrayList<>();
    for (E implementation : implementations.getEnumConstants()) {
      devices().stream()
          .filter(implementation::runsOn)
          .findFirst()
          .ifPresent(device ->
              trials.add(
                  new Trial(
                      implementation.id(),
                      device,
                      Choices.forcing(Map.of(op, implementation.id())))));
    }
    return trials;
  }

  /// The only trial of an op that has one implementation.
  public static Trial trial() {
    Device device = Devices.preferred();
    return new Trial(device.id(), device, Choices.automatic());
  }

  /// `count` normally distributed numbers.
  public static float[] normal(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /// `count` integers from 0 to `bound` − 1.
  public static int[] integers(long seed, int count, int bound) {
    return new Random(seed).ints(count, 0, bound).toArray();
  }

  /// `values` in double precision.
  public static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  /// Root mean square of `actual − expected` divided by that of `expected`; absolute where
  /// `expected` is zero.
  public static double error(double[] expected, float[] actual) {
    return error(expected, doubles(actual));
  }

  /// As [#error(double[], float[])].
  public static double error(double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length, "number of values");
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      size += expected[i] * expected[i];
    }
    double scale = Math.sqrt(size / expected.length);
    double root = Math.sqrt(difference / expected.length);
    return scale < ZERO ? root : root / scale;
  }

  /// Fails unless `actual` has every value, none a NaN, within `tolerance` of `expected`.
  public static void assertClose(String what, double[] expected, float[] actual, double tolerance) {
    double error = error(expected, actual);
    assertTrue(error <= tolerance, () -> what + ": relative error " + error + " > " + tolerance);
  }

  /// Fails unless `analytic` is the gradient of `function` at `point`, by central differences.
  public static void assertGradient(
      String what, ToDoubleFunction<double[]> function, double[] point, double[] analytic) {
    double[] numeric = new double[point.length];
    double[] moved = point.clone();
    for (int i = 0; i < point.length; i++) {
      moved[i] = point[i] + STEP;
      double above = function.applyAsDouble(moved);
      moved[i] = point[i] - STEP;
      double below = function.applyAsDouble(moved);
      moved[i] = point[i];
      numeric[i] = (above - below) / (2 * STEP);
    }
    double error = error(numeric, analytic);
    assertTrue(error <= FINITE_DIFFERENCE, () -> what + ": analytic gradient is off by " + error);
  }

  /// `Σ a[i] · b[i]`
  public static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
