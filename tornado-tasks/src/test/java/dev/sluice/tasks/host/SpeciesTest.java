package dev.sluice.tasks.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The tests of this package again in other JVMs: the vector width is a constant of a JVM, so each
/// width needs its own.
class SpeciesTest {
  private static final List<Class<?>> VECTOR_TESTS =
      List.of(
          GemmTest.class,
          VectorMathTest.class,
          ElementwiseTest.class,
          RmsNormTest.class,
          CrossEntropyTest.class,
          AdamWTest.class,
          EmbeddingTest.class,
          ShortConvolutionTest.class);
  private static final List<Class<?>> SCALAR_TESTS = List.of(GemmTest.class, ScalarMathTest.class);

  @Test
  void vectorsOf128Bits() throws Exception {
    run(List.of("--add-modules", "jdk.incubator.vector", "-Dsluice.vector.bits=128"), VECTOR_TESTS);
  }

  @Test
  void vectorsOf256Bits() throws Exception {
    run(List.of("--add-modules", "jdk.incubator.vector", "-Dsluice.vector.bits=256"), VECTOR_TESTS);
  }

  @Test
  void vectorsOf512Bits() throws Exception {
    run(List.of("--add-modules", "jdk.incubator.vector", "-Dsluice.vector.bits=512"), VECTOR_TESTS);
  }

  @Test
  void withoutTheVectorModule() throws Exception {
    run(List.of(), SCALAR_TESTS);
  }

  private static void run(List<String> options, List<Class<?>> tests)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), SpeciesTest.class.getName()));
    tests.forEach(test -> command.add(test.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("passed"), output);
  }

  /// Runs the methods annotated with [Test] of the classes named, in this JVM.
  public static void main(String[] classes) throws Exception {
    for (String name : classes) {
      int count = 0;
      for (Method method : Class.forName(name).getDeclaredMethods()) {
        if (method.isAnnotationPresent(Test.class)) {
          var constructor = method.getDeclaringClass().getDeclaredConstructor();
          constructor.setAccessible(true);
          method.setAccessible(true);
          method.invoke(constructor.newInstance());
          count++;
        }
      }
      System.out.println(name + ": " + count + " passed");
    }
  }
}
