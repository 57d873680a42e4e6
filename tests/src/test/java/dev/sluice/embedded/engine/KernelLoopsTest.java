package dev.sluice.embedded.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Every kernel with a parallel loop can be shared among threads, and every kernel with a context
/// can be compiled by the embedded runtime.
class KernelLoopsTest {

  @Test
  void kernelsCanBeMadeReady() throws IOException, ClassNotFoundException {
    List<String> refused = new ArrayList<>();
    for (ClassModel model : kernelClasses()) {
      Class<?> owner =
          Class.forName(
              model.thisClass().asInternalName().replace('/', '.'),
              false,
              KernelLoopsTest.class.getClassLoader());
      for (MethodModel method : model.methods()) {
        String name = method.methodName().stringValue();
        if (!name.startsWith("<") && method.code().isPresent()) {
          check(new KernelReference(owner, name, method.methodType().stringValue()), refused);
        }
      }
    }
    assertEquals("", String.join("\n", refused));
  }

  private static void check(KernelReference reference, List<String> refused) {
    KernelMethod kernel = Objects.requireNonNull(KernelMethod.of(reference));
    try {
      if (kernel.type().parameterList().contains(ContextCalls.CONTEXT)) {
        ContextCompiler.compile(kernel);
      } else {
        LoopSplitter.split(kernel);
      }
    } catch (ParallelLoop.Unsplittable | RuntimeException e) {
      refused.add(reference + ": " + e.getMessage());
    }
  }

  private static List<ClassModel> kernelClasses() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve("tornado-tasks"))) {
      root = root.getParent();
    }
    List<ClassModel> models = new ArrayList<>();
    Path classes = root.resolve("tornado-tasks").resolve("target").resolve("classes");
    if (Files.isDirectory(classes)) {
      try (var files = Files.walk(classes)) {
        for (Path file : files.filter(f -> f.toString().endsWith("Kernels.class")).toList()) {
          models.add(ClassFile.of().parse(file));
        }
      }
    }
    return models;
  }
}
