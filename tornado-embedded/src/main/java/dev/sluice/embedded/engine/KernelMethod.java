package dev.sluice.embedded.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.MethodTypeDesc;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A static method with its bytecode.
///
/// @param owner the class that declares it
/// @param name its name
/// @param type its parameters and result
/// @param model the owner's class file
/// @param code its bytecode
record KernelMethod(
    Class<?> owner, String name, MethodTypeDesc type, ClassModel model, CodeAttribute code) {

  private static final ClassValue<Optional<ClassModel>> MODELS =
      new ClassValue<>() {
        @Override
        protected Optional<ClassModel> computeValue(Class<?> owner) {
          return classFile(owner);
        }
      };

  /// @param reference names a method
  /// @return the method; null if its class file cannot be found
  static @Nullable KernelMethod of(KernelReference reference) {
    Class<?> owner = reference.owner();
    return MODELS
        .get(owner)
        .map(model -> find(owner, model, reference.name(), reference.descriptor()))
        .orElse(null);
  }

  private static Optional<ClassModel> classFile(Class<?> owner) {
    String name = owner.getName();
    String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
    try (InputStream in = owner.getResourceAsStream(file)) {
      return in == null ? Optional.empty() : Optional.of(ClassFile.of().parse(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the class file of " + name, e);
    }
  }

  private static @Nullable KernelMethod find(
      Class<?> owner, ClassModel model, String name, String descriptor) {
    for (MethodModel method : model.methods()) {
      if (method.methodName().equalsString(name)
          && method.methodType().equalsString(descriptor)
          && method.code().orElse(null) instanceof CodeAttribute code) {
        return new KernelMethod(owner, name, method.methodTypeSymbol(), model, code);
      }
    }
    return null;
  }

  /// @param name a method of the same class
  /// @param descriptor its descriptor
  /// @return that method; null if the class does not declare it with a body
  @Nullable KernelMethod sibling(String name, String descriptor) {
    return find(owner, model, name, descriptor);
  }

  /// @return the class's internal name
  String ownerName() {
    return model.thisClass().asInternalName();
  }

  @Override
  public String toString() {
    return owner.getName() + "." + name;
  }
}
