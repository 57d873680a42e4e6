package dev.sluice.tasks.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The one vector width of this JVM. The species is a constant, so that the compiler sees exact
/// vector types everywhere; [HostSupport#VECTOR_BITS] forces another width, read once.
public final class Lanes {
  /// The species all host code uses.
  public static final VectorSpecies<Float> FLOATS = choose();

  /// Floats in a vector: 16, 8 or 4.
  public static final int COUNT = FLOATS.length();

  /// The species of loops that wait for memory more than they compute: at most 256 bits. An array
  /// begins at a multiple of 8 bytes, so that nearly every access of 512 bits spans two cache
  /// lines, and such a one waits for both.
  static final VectorSpecies<Float> MOVED = COUNT > 8 ? species(256) : FLOATS;

  private Lanes() {}

  private static VectorSpecies<Float> choose() {
    String forced = System.getProperty(HostSupport.VECTOR_BITS);
    if (forced == null) {
      int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
      return species(Math.clamp(bits, 128, 512));
    }
    return switch (forced) {
      case "512", "256", "128" -> species(Integer.parseInt(forced));
      default ->
          throw new IllegalArgumentException(
              HostSupport.VECTOR_BITS + "=" + forced + ": use 512, 256 or 128");
    };
  }

  private static VectorSpecies<Float> species(int bits) {
    return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
  }
}
