package dev.sluice.tasks.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// A task's kernel is found behind its method reference, with its parallel loops.
final class KernelMethodTest {
  static void flat(IntArray a) {
    for (@Parallel int i = 0; i < a.getSize(); i++) {
      a.set(i, i);
    }
  }

  static void nested(IntArray a) {
    for (@Parallel int i = 0; i < 4; i++) {
      for (@Parallel int j = 0; j < 4; j++) {
        a.set(4 * i + j, i);
      }
    }
  }

  static void grouped(KernelContext context) {
    context.localBarrier();
  }

  @Test
  void methodAndLoopsAreFound() {
    assertLoops(1, "KernelMethodTest.flat", (Task1<IntArray>) KernelMethodTest::flat);
    assertLoops(2, "KernelMethodTest.nested", (Task1<IntArray>) KernelMethodTest::nested);
    assertLoops(0, "KernelMethodTest.grouped", (Task1<KernelContext>) KernelMethodTest::grouped);
  }

  @Test
  void anythingElseHasNoMethod() {
    assertNull(KernelMethod.of("text"));
  }

  private static void assertLoops(int expected, String name, Object reference) {
    KernelMethod method = KernelMethod.of(reference);
    assertNotNull(method);
    assertEquals(name, method.toString());
    assertEquals(expected, method.parallelLoops());
  }
}
