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

  /// The class of [#FLOATS]' vectors, for `EXACT.cast(v)` of a vector that a loop carried.
  ///
  /// When C2 inlines, what a loop carries is any `FloatVector`: it goes by what the method called
  /// has seen so far. Where that is two widths, or nothing yet since the kernel is compiled early,
  /// the call stays one and all vectors of the kernel become objects, for good. So a vector that a
  /// loop carries is an argument of operations and not the one they are called on, or is cast.
  public static final Class<? extends FloatVector> EXACT = FloatVector.zero(FLOATS).getClass();

  /// Never written, which the compiler does not know.
  private static int count = COUNT;

  private Lanes() {}

  /// [#COUNT], but no constant to the compiler: a loop in such steps stays in one piece.
  ///
  /// One in constant steps is cut in three, so as to leave out checks of ranges. Each part has
  /// loads of its own, and the processor, which foresees the addresses of each load by itself,
  /// starts anew in each row: reading rows of 768 floats from memory took a third longer. Such a
  /// loop keeps its checks, and takes constants from memory in every turn; so this is for short
  /// loops that read what is in no cache and compute little.
  public static int step() {
    return count;
  }

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
