package dev.sluice.tasks.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The one vector width of this JVM. The species is a constant, so that the compiler sees exact
/// vector types everywhere; [HostSupport#VECTOR_BITS] forces another width, read once.
///
/// No code takes a second width, not even where it is faster by itself: the compiler's profile of
/// the Vector API's own methods is one for all callers, and after two widths it may leave vectors
/// of other kernels as objects, which then take 15 times as long.
public final class Lanes {
  /// The species all host code uses.
  public static final VectorSpecies<Float> FLOATS = choose();

  /// Floats in a vector: 16, 8 or 4.
  public static final int COUNT = FLOATS.length();

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
