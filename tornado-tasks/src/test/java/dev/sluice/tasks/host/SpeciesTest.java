package dev.sluice.tasks.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.testing.OpCheck.Trial;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/// The tests of this package again in other JVMs: the vector width is a constant of a JVM, so each
/// width needs its own.
class SpeciesTest {
  private static final List<Class<?>> VECTOR_TESTS =
      List.of(
          GemmTest.class,
          VectorMathTest.class,
          ElementwiseTest.class,
          RmsNormTest.class,
          AdamWTest.class,
          EmbeddingTest.class,
          SmallProductTest.class);

  /// Tests of ops whose host form has vector code of its own, by name: they are of other packages.
  private static final List<String> OP_TESTS =
      List.of(
          "shortconvolution.ShortConvolutionOpTest",
          "dropout.DropoutOpTest",
          "gateddeltarule.QkNormTest",
          "crossentropy.CrossEntropyOpTest",
          "linearcrossentropy.LinearCrossEntropyOpTest",
          "gla.GlaChunksTest");

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
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), SpeciesTest.class.getName()));
    tests.forEach(test -> command.add(test.getName()));
    if (tests.equals(VECTOR_TESTS)) {
      OP_TESTS.forEach(test -> command.add("dev.sluice.tasks.ops." + test));
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("passed"), output);
  }

  /// Runs the methods annotated with [Test] of the classes named, and those that take a trial once
  /// for each of their trials, in this JVM.
  public static void main(String[] classes) throws Exception {
    for (String name : classes) {
      int count = 0;
      for (Method method : Class.forName(name).getDeclaredMethods()) {
        method.setAccessible(true);
        if (method.isAnnotationPresent(Test.class)) {
          method.invoke(instance(method));
          count++;
        } else if (method.isAnnotationPresent(ParameterizedTest.class)
            && Arrays.equals(method.getParameterTypes(), new Class<?>[] {Trial.class})) {
          Method trials = method.getDeclaringClass().getDeclaredMethod("trials");
          trials.setAccessible(true);
          for (Object trial : (List<?>) trials.invoke(null)) {
            method.invoke(instance(method), trial);
            count++;
          }
        }
      }
      System.out.println(name + ": " + count + " passed");
    }
  }

  private static Object instance(Method method) throws Exception {
    var constructor = method.getDeclaringClass().getDeclaredConstructor();
    constructor.setAccessible(true);
    return constructor.newInstance();
  }
}
