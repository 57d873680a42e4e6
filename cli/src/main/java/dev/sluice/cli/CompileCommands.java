package dev.sluice.cli;

import dev.sluice.tasks.host.Gemm;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/// Prints, when Sluice is built, what `-XX:CompileCommandFile` takes to have the kernels that use
/// the Vector API compiled early.
///
/// Until such a method is compiled by C2 each of its vectors is an object and each operation a loop
/// over lanes, which then gets compiled in its place. So these methods have far lower thresholds
/// than others, and who calls one waits while it is compiled. Methods that take or return vectors
/// are always inlined into these: left to itself, the compiler does so where it has seen them run
/// often, which it has not yet, and a call makes objects of the vectors for good.
public final class CompileCommands {
  /// Part of the usual number of calls and loops after which a method is compiled. With a tenth of
  /// this, what was compiled from so short a look was slower for good.
  private static final double THRESHOLD = 0.03;

  private static final String PACKAGE = "dev/sluice/tasks/";
  private static final String VECTORS = "jdk/incubator/vector/";

  private CompileCommands() {}

  /// Prints the commands to standard output.
  public static void main(String[] arguments) throws IOException, URISyntaxException {
    System.out.println("quiet");
    Set<String> kernels = new TreeSet<>();
    Set<String> helpers = new TreeSet<>();
    find(kernels, helpers);
    for (String method : kernels) {
      System.out.println("CompileThresholdScaling," + method + "," + THRESHOLD);
      System.out.println("BackgroundCompilation," + method + ",false");
    }
    helpers.forEach(method -> System.out.println("inline," + method));
  }

  private static void find(Set<String> kernels, Set<String> helpers)
      throws IOException, URISyntaxException {
    Path jar = Path.of(Gemm.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : Collections.list(file.entries())) {
        if (entry.getName().startsWith(PACKAGE) && entry.getName().endsWith(".class")) {
          try (InputStream in = file.getInputStream(entry)) {
            add(ClassFile.of().parse(in.readAllBytes()), kernels, helpers);
          }
        }
      }
    }
  }

  private static void add(ClassModel model, Set<String> kernels, Set<String> helpers) {
    String owner = model.thisClass().asInternalName().replace('/', '.');
    for (MethodModel method : model.methods()) {
      boolean initializer = method.methodName().stringValue().startsWith("<");
      boolean helper = method.methodType().stringValue().contains(VECTORS);
      if (!initializer && (helper || usesVectors(method))) {
        (helper ? helpers : kernels).add(owner + "::" + method.methodName().stringValue());
      }
    }
  }

  private static boolean usesVectors(MethodModel method) {
    return method.code().stream()
        .flatMap(code -> code.elementStream())
        .anyMatch(element ->
            element instanceof InvokeInstruction call
                && call.owner().asInternalName().startsWith(VECTORS));
  }
}
