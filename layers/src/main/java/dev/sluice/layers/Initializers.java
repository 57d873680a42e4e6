package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.random.Philox;
import java.nio.charset.StandardCharsets;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.CRC32;

/// How parameters begin, as flash-linear-attention begins them. Values are a function of the seed
/// and the parameter's name alone (counter-based), so that no order of creation changes them.
public final class Initializers {
  private static final double UNIT = 0x1p-32;

  private Initializers() {}

  /// All ones.
  public static Initializer ones() {
    return Initializer.constant(1);
  }

  /// All zeros.
  public static Initializer zeros() {
    return Initializer.constant(0);
  }

  /// Normally distributed about 0.
  public static Initializer normal(double standardDeviation) {
    return (values, seed, name) -> {
      int[] words = new int[Philox.WORDS];
      int stream = stream(name);
      for (int i = 0; i < values.length; i += 2) {
        Philox.block(i, 0, stream, 0, seed, words, 0);
        double radius = standardDeviation * Math.sqrt(-2 * Math.log(unit(words[0])));
        double angle = 2 * Math.PI * unit(words[1]);
        values[i] = (float) (radius * Math.cos(angle));
        if (i + 1 < values.length) {
          values[i + 1] = (float) (radius * Math.sin(angle));
        }
      }
    };
  }

  /// `map(u)` with `u` uniform in the open interval (0, 1).
  public static Initializer uniform(DoubleUnaryOperator map) {
    return (values, seed, name) -> {
      int[] words = new int[Philox.WORDS];
      int stream = stream(name);
      for (int i = 0; i < values.length; i++) {
        Philox.block(i, 0, stream, 0, seed, words, 0);
        values[i] = (float) map.applyAsDouble(unit(words[0]));
      }
    };
  }

  /// Uniform in ±`bound`.
  public static Initializer symmetric(double bound) {
    return uniform(u -> bound * (2 * u - 1));
  }

  /// The inverse of softplus of a step size drawn log-uniformly from `[low, high]`, at least
  /// `floor`: the bias that makes `softplus(bias)` that step size.
  public static Initializer stepSizeBias(double low, double high, double floor) {
    return uniform(u -> {
      double step = Math.max(floor, Math.exp(u * (Math.log(high) - Math.log(low)) + Math.log(low)));
      return step + Math.log(-Math.expm1(-step));
    });
  }

  private static double unit(int word) {
    return ((word & 0xFFFFFFFFL) + 0.5) * UNIT;
  }

  private static int stream(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }
}
