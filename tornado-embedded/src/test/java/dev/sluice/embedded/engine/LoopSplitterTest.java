package dev.sluice.embedded.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.embedded.engine.LoopSplitter.Split;
import dev.sluice.embedded.engine.ParallelLoop.Unsplittable;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Splits kernels of many shapes and compares each share's writes with those of the plain kernel.
/// Every element counts how often it was written, so that a share run twice or left out shows.
class LoopSplitterTest {

  private static final int ROWS = 7;
  private static final int COLUMNS = 5;

  /// The kernels: `n` rows of [#COLUMNS] counters.
  static final class Shapes {

    private Shapes() {}

    static void single(IntArray out, int n) {
      for (@Parallel int i = 0; i < n * COLUMNS; i++) {
        out.set(i, out.get(i) + i + 1);
      }
    }

    static void boundBySize(IntArray out, int n) {
      for (@Parallel int i = 0; i < out.getSize(); i++) {
        out.set(i, out.get(i) + n);
      }
    }

    static void startsLate(IntArray out, int n) {
      int first = n / 2;
      for (@Parallel int i = first + 1; i < n; i++) {
        out.set(i, out.get(i) + 1);
      }
    }

    static void nested(IntArray out, int n) {
      for (@Parallel int i = 0; i < n; i++) {
        for (@Parallel int j = 0; j < COLUMNS; j++) {
          int at = i * COLUMNS + j;
          out.set(at, out.get(at) + at + 1);
        }
      }
    }

    static void triangle(IntArray out, int n) {
      for (@Parallel int i = 0; i < n; i++) {
        int row = i * COLUMNS;
        for (@Parallel int j = 0; j < Math.min(i, COLUMNS); j++) {
          out.set(row + j, out.get(row + j) + i);
        }
      }
    }

    static void writesBetween(IntArray out, int n) {
      for (@Parallel int i = 0; i < n; i++) {
        out.set(i * COLUMNS, out.get(i * COLUMNS) + 1);
        for (@Parallel int j = 1; j < COLUMNS; j++) {
          int at = i * COLUMNS + j;
          out.set(at, out.get(at) + 2);
        }
      }
    }

    static void sumsInside(IntArray out, int n) {
      for (@Parallel int i = 0; i < n; i++) {
        long sum = 0;
        double half = 0.5;
        for (int j = 0; j < COLUMNS; j++) {
          sum += j;
          half *= 2;
        }
        if (sum > 3) {
          out.set(i, out.get(i) + (int) sum + (int) half);
        }
      }
    }

    static void branches(IntArray out, int n) {
      int scale = n > 3 ? 2 : 3;
      if (n < 0) {
        return;
      }
      for (@Parallel int i = 0; i < n; i++) {
        if (i % 2 == 0) {
          continue;
        }
        switch (i) {
          case 1 -> out.set(i, out.get(i) + scale);
          case 3 -> out.set(i, out.get(i) + 30);
          default -> out.set(i, out.get(i) + helper(i));
        }
      }
    }

    private static int helper(int i) {
      return i > 4 ? 50 : 40;
    }

    static void wide(FloatArray out, int n, float factor) {
      for (@Parallel int i = 0; i < n; i++) {
        out.set(i, TornadoMath.exp(factor * i));
      }
    }

    static void stepsByTwo(IntArray out, int n) {
      for (@Parallel int i = 0; i < n; i += 2) {
        out.set(i, 1);
      }
    }

    static void leaves(IntArray out, int n) {
      for (@Parallel int i = 0; i < n; i++) {
        if (out.get(i) > 1) {
          break;
        }
        out.set(i, 1);
      }
    }

    static void writesBefore(IntArray out, int n) {
      out.set(0, 1);
      for (@Parallel int i = 0; i < n; i++) {
        out.set(i, 1);
      }
    }

    static void writesAfter(IntArray out, int n) {
      for (@Parallel int i = 0; i < n; i++) {
        out.set(i, 1);
      }
      out.set(0, 2);
    }

    static void twoLoops(IntArray out, int n) {
      for (@Parallel int i = 0; i < n; i++) {
        out.set(i, 1);
      }
      for (@Parallel int j = 0; j < n; j++) {
        out.set(j, out.get(j) + 1);
      }
    }

    static void inclusive(IntArray out, int n) {
      for (@Parallel int i = 0; i <= n; i++) {
        out.set(i, 1);
      }
    }

    static void movesItsBound(IntArray out, int n) {
      int end = n;
      for (@Parallel int i = 0; i < end; i++) {
        out.set(i, 1);
        end = end - 1;
      }
    }

    static void notAnnotated(IntArray out, int n) {
      for (int i = 0; i < n; i++) {
        out.set(i, 1);
      }
    }
  }

  private static Named<Task2<IntArray, Integer>> kernel(
      String name, Task2<IntArray, Integer> kernel) {
    return Named.of(name, kernel);
  }

  static Stream<Arguments> splittable() {
    return Stream.of(
        Arguments.of(kernel("single", Shapes::single), false),
        Arguments.of(kernel("boundBySize", Shapes::boundBySize), false),
        Arguments.of(kernel("startsLate", Shapes::startsLate), false),
        Arguments.of(kernel("nested", Shapes::nested), true),
        Arguments.of(kernel("triangle", Shapes::triangle), true),
        Arguments.of(kernel("writesBetween", Shapes::writesBetween), false),
        Arguments.of(kernel("sumsInside", Shapes::sumsInside), false),
        Arguments.of(kernel("branches", Shapes::branches), false));
  }

  @ParameterizedTest
  @MethodSource("splittable")
  void sharesDoTheWholeOnce(Task2<IntArray, Integer> kernel, boolean nested) throws Exception {
    Split split = LoopSplitter.split(resolve(kernel));
    assertNotNull(split);
    assertEquals(nested, split.nested());
    for (int parts = 1; parts <= ROWS + 2; parts++) {
      for (int innerParts = 1; innerParts <= (nested ? COLUMNS + 1 : 1); innerParts++) {
        IntArray expected = new IntArray(ROWS * COLUMNS);
        kernel.apply(expected, ROWS);
        IntArray actual = new IntArray(ROWS * COLUMNS);
        SplitKernel bound = split.bind(new Object[] {actual, ROWS});
        for (int i = 0; i < parts * innerParts; i++) {
          bound.run(i / innerParts, parts, i % innerParts, innerParts);
        }
        assertArrayEquals(
            expected.toHeapArray(), actual.toHeapArray(), parts + " by " + innerParts + " parts");
      }
    }
  }

  static Stream<Arguments> unsplittable() {
    return Stream.of(
        Arguments.of(kernel("stepsByTwo", Shapes::stepsByTwo), "variable++"),
        Arguments.of(kernel("leaves", Shapes::leaves), "leaves the loop"),
        Arguments.of(kernel("writesBefore", Shapes::writesBefore), "writes outside"),
        Arguments.of(kernel("writesAfter", Shapes::writesAfter), "writes outside"),
        Arguments.of(kernel("twoLoops", Shapes::twoLoops), "writes outside"),
        Arguments.of(kernel("inclusive", Shapes::inclusive), "variable < bound"),
        Arguments.of(kernel("movesItsBound", Shapes::movesItsBound), "changes its bound"));
  }

  @ParameterizedTest
  @MethodSource("unsplittable")
  void saysWhyItDoesNotSplit(Task2<IntArray, Integer> kernel, String reason) {
    KernelMethod method = resolve(kernel);
    Unsplittable thrown = assertThrows(Unsplittable.class, () -> LoopSplitter.split(method));
    assertTrue(thrown.getMessage().contains(reason), thrown.getMessage());
  }

  @Test
  void countsTheOutermostLoop() throws Exception {
    assertEquals(ROWS * COLUMNS, length(Shapes::single, ROWS));
    assertEquals(ROWS, length(Shapes::nested, ROWS));
    assertEquals(ROWS - ROWS / 2 - 1, length(Shapes::startsLate, ROWS));
    assertEquals(0, length(Shapes::branches, -1));
  }

  private static int length(Task2<IntArray, Integer> kernel, int n) throws Exception {
    Split split = LoopSplitter.split(resolve(kernel));
    assertNotNull(split);
    return split.bind(new Object[] {new IntArray(ROWS * COLUMNS), n}).length();
  }

  @Test
  void widensArguments() throws Exception {
    Task3<FloatArray, Integer, Integer> kernel = Shapes::wide;
    Split split = LoopSplitter.split(resolve(kernel));
    assertNotNull(split);
    FloatArray expected = new FloatArray(ROWS);
    kernel.apply(expected, ROWS, -1);
    FloatArray actual = new FloatArray(ROWS);
    split.bind(new Object[] {actual, ROWS, -1}).run(0, 1, 0, 1);
    assertArrayEquals(expected.toHeapArray(), actual.toHeapArray());
  }

  @Test
  void leavesAnOrdinaryMethodAlone() throws Exception {
    Task2<IntArray, Integer> kernel = Shapes::notAnnotated;
    assertNull(LoopSplitter.split(resolve(kernel)));
  }

  @Test
  void splitsAKernelOnce() {
    Task2<IntArray, Integer> one = Shapes::single;
    Task2<IntArray, Integer> other = Shapes::single;
    KernelReference reference = KernelReference.of(one);
    KernelReference again = KernelReference.of(other);
    assertNotNull(reference);
    assertNotNull(again);
    assertSame(KernelCache.split(reference), KernelCache.split(again));
  }

  @Test
  void readsAKernelFromAJar(@TempDir Path directory) throws Exception {
    Path jar = directory.resolve("kernels.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Class<?> type : List.of(Shapes.class, LoopSplitterTest.class)) {
        String entry = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(entry));
        try (var in = type.getClassLoader().getResourceAsStream(entry)) {
          assertNotNull(in);
          in.transferTo(out);
        }
      }
    }
    try (var loader = new JarFirst(jar.toUri().toURL())) {
      Class<?> owner = loader.loadClass(Shapes.class.getName());
      assertNotSame(Shapes.class, owner);
      String descriptor = "(" + IntArray.class.descriptorString() + "I)V";
      KernelMethod kernel = KernelMethod.of(new KernelReference(owner, "nested", descriptor));
      assertNotNull(kernel);
      assertEquals(2, ParallelLoop.all(kernel.code()).size());
      assertThrows(Unsplittable.class, () -> LoopSplitter.split(kernel), "another loader");
    }
  }

  /// Loads this test and its kernels from the jar though the parent has them too.
  private static final class JarFirst extends URLClassLoader {
    JarFirst(URL jar) {
      super(new URL[] {jar}, Shapes.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(LoopSplitterTest.class.getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }

    @Override
    public URL getResource(String name) {
      URL own = findResource(name);
      return own == null ? super.getResource(name) : own;
    }
  }

  @Test
  void sharesCoverARangeInOrder() {
    for (int length : new int[] {0, 1, 6, 7, Integer.MAX_VALUE - 5}) {
      for (int parts : new int[] {1, 3, 8}) {
        int[] begins = new int[parts + 1];
        Arrays.setAll(begins, part -> SplitKernel.begin(5, 5 + length, part, parts));
        assertEquals(5, begins[0]);
        assertEquals(5 + length, begins[parts]);
        int[] sorted = begins.clone();
        Arrays.sort(sorted);
        assertArrayEquals(sorted, begins);
      }
    }
    assertEquals(5, SplitKernel.begin(5, 2, 3, 8));
  }

  private static KernelMethod resolve(Object kernel) {
    KernelReference reference = KernelReference.of(kernel);
    assertNotNull(reference);
    KernelMethod method = KernelMethod.of(reference);
    assertNotNull(method);
    return method;
  }
}
