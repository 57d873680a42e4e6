package dev.sluice.embedded.engine;

import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/// The static method that a task's method reference names.
///
/// @param owner the class that declares it
/// @param name its name
/// @param descriptor its descriptor
record KernelReference(Class<?> owner, String name, String descriptor) {

  /// @param code the functional object of a task
  /// @return the method it refers to; null if it is no reference to a static method
  static @Nullable KernelReference of(Object code) {
    SerializedLambda lambda = serialized(code);
    if (lambda == null
        || lambda.getImplMethodKind() != MethodHandleInfo.REF_invokeStatic
        || lambda.getCapturedArgCount() != 0) {
      return null;
    }
    try {
      Class<?> owner =
          Class.forName(
              lambda.getImplClass().replace('/', '.'), false, code.getClass().getClassLoader());
      return new KernelReference(
          owner, lambda.getImplMethodName(), lambda.getImplMethodSignature());
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  private static @Nullable SerializedLambda serialized(Object code) {
    try {
      Method replace = code.getClass().getDeclaredMethod("writeReplace");
      replace.setAccessible(true);
      return replace.invoke(code) instanceof SerializedLambda lambda ? lambda : null;
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  @Override
  public String toString() {
    return owner.getName() + "." + name;
  }
}
