package dev.sluice.tasks.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.ops.gla.GlaKernels;
import dev.sluice.tasks.ops.rmsnorm.RmsNormKernels;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// A key changes with all that the code depends on, and with nothing else.
final class KernelKeyTest {
  private static final String NAME = RmsNormKernels.class.getName();

  @Test
  void argumentsCountAsTheCompilerSeesThem() {
    List<List<Object>> different =
        List.of(
            List.of(1, 2),
            List.of(2, 1),
            List.of(12),
            List.of(1.0f, 2),
            List.of(0.0f),
            List.of(-0.0f),
            List.of(new FloatArray(3)),
            List.of(new FloatArray(4)),
            List.of(new IntArray(3)),
            List.of(new KernelContext()),
            List.of());
    Set<String> keys = new HashSet<>();
    different.forEach(arguments -> keys.add(new KernelKey().withArguments(arguments).hash()));
    assertEquals(different.size(), keys.size());
  }

  @Test
  void contentsOfArraysDoNotCount() {
    FloatArray ones = new FloatArray(3);
    ones.init(1);
    assertEquals(
        new KernelKey().withArguments(List.of(new FloatArray(3))).hash(),
        new KernelKey().withArguments(List.of(ones)).hash());
  }

  @Test
  void anArgumentOfAnotherKindHasNoKey() {
    KernelKey key = new KernelKey();
    assertThrows(IllegalArgumentException.class, () -> key.withArguments(List.of("text")));
  }

  @Test
  void optionsOfTornadoVmCountButForHarmlessOnes() {
    String before = new KernelKey().withOptions().hash();
    System.setProperty("tornado.device.memory.test", "1");
    assertEquals(before, new KernelKey().withOptions().hash());
    System.setProperty("tornado.some.option", "1");
    try {
      assertNotEquals(before, new KernelKey().withOptions().hash());
    } finally {
      System.clearProperty("tornado.some.option");
      System.clearProperty("tornado.device.memory.test");
    }
  }

  @Test
  void codeOfOneClassIsNotThatOfAnother() {
    CodeDigest digest = new CodeDigest(KernelKeyTest.class.getClassLoader());
    String first = digest.of(NAME);
    assertEquals(first, new CodeDigest(KernelKeyTest.class.getClassLoader()).of(NAME));
    assertNotEquals(first, digest.of(GlaKernels.class.getName()));
    assertThrows(IllegalArgumentException.class, () -> digest.of("no.such.Kernels"));
  }

  @Test
  void aChangeInACalledClassCounts() {
    String kernels = GlaKernels.class.getName();
    Changed changed = new Changed();
    String before = new CodeDigest(changed).of(kernels);
    assertNotEquals(0, changed.asked.size());
    for (String name : Set.copyOf(changed.asked)) {
      changed.victim = name;
      assertNotEquals(before, new CodeDigest(changed).of(kernels), name);
    }
    changed.victim = null;
    assertEquals(before, new CodeDigest(changed).of(kernels));
  }

  @Test
  void theJvmCompilesByItself() {
    assertEquals(true, KernelCache.of(Devices.named("jvm")).isEmpty());
  }

  /// Hands out class files, one of them with a byte behind its end.
  private static final class Changed extends ClassLoader {
    private final Set<String> asked = new HashSet<>();
    private @Nullable String victim;

    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
      asked.add(name);
      try (InputStream in = KernelKeyTest.class.getClassLoader().getResourceAsStream(name)) {
        if (in == null || !name.equals(victim)) {
          return in == null ? null : new ByteArrayInputStream(in.readAllBytes());
        }
        byte[] bytes = in.readAllBytes();
        // The major version stands there; another one is read all the same.
        bytes[7]--;
        return new ByteArrayInputStream(bytes);
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
