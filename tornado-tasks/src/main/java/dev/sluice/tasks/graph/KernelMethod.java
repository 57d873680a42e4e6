package dev.sluice.tasks.graph;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.annotations.Parallel;

/// The method behind the method reference of a task.
///
/// @param owner the class that declares it
/// @param name its name
/// @param descriptor its descriptor
record KernelMethod(Class<?> owner, String name, String descriptor) {
  private static final String PARALLEL = Parallel.class.descriptorString();

  /// Finds the method that a task's code refers to.
  ///
  /// @param reference the functional object of a task, made from a method reference
  /// @return the method that it refers to; null if that cannot be told
  static @Nullable KernelMethod of(Object reference) {
    try {
      Method replace = reference.getClass().getDeclaredMethod("writeReplace");
      replace.setAccessible(true);
      if (replace.invoke(reference) instanceof SerializedLambda lambda) {
        String owner = lambda.getImplClass().replace('/', '.');
        return new KernelMethod(
            Class.forName(owner, false, reference.getClass().getClassLoader()),
            lambda.getImplMethodName(),
            lambda.getImplMethodSignature());
      }
    } catch (ReflectiveOperationException e) {
      // An object of a class, not of a method reference.
    }
    return null;
  }

  /// The number of its loops that are marked `@Parallel`: the dimensions of its work-items, or 0
  /// for a kernel with a context.
  int parallelLoops() {
    String file = owner.getName().substring(owner.getName().lastIndexOf('.') + 1) + ".class";
    try (InputStream in = owner.getResourceAsStream(file)) {
      if (in == null) {
        return 0;
      }
      return ClassFile.of().parse(in.readAllBytes()).methods().stream()
          .filter(m -> m.methodName().equalsString(name))
          .filter(m -> m.methodType().equalsString(descriptor))
          .mapToInt(KernelMethod::annotated)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the class file of " + owner.getName(), e);
    }
  }

  private static int annotated(MethodModel method) {
    if (!(method.code().orElse(null) instanceof CodeAttribute code)) {
      return 0;
    }
    return code.findAttribute(Attributes.runtimeVisibleTypeAnnotations())
        .map(a ->
            (int)
                a.annotations().stream()
                    .filter(t -> t.annotation().className().equalsString(PARALLEL))
                    .count())
        .orElse(0);
  }

  /// As people name it: `GlaKernels.forward`.
  @Override
  public String toString() {
    return owner.getSimpleName() + "." + name;
  }
}
