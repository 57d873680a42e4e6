package dev.sluice.tasks.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Where the elements of arrays begin on a device.
final class ArrayHeaderTest {
  @Test
  void theJvmsOwnArraysBeginWhereItsOptionsSay() {
    assertEquals(16, ArrayHeader.ofJvm(List.of("-Xmx4g")));
    assertEquals(24, ArrayHeader.ofJvm(List.of("-XX:-UseCompressedClassPointers")));
    assertEquals(12, ArrayHeader.ofJvm(List.of("-XX:+UseCompactObjectHeaders")));
  }

  @Test
  void theEmbeddedRuntimeMissesNothing() {
    assertEquals(0, ArrayHeader.missedFloats());
  }

  @Test
  void elementsBeginAtAMultipleOfTheirSize() {
    assertEquals(0, ArrayHeader.BYTES % Double.BYTES);
  }
}
