package dev.sluice.tasks.kernels;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Calls public members of public classes that are not there when Sluice is compiled.
final class Members {
  private static final String ROOT = "uk.ac.manchester.tornado.";

  private Members() {}

  /// @param name a class of TornadoVM's, without what all their names begin with
  static Class<?> type(String name) throws ReflectiveOperationException {
    return Class.forName(ROOT + name);
  }

  static Object make(String type, Object... arguments) throws ReflectiveOperationException {
    for (Constructor<?> constructor : type(type).getConstructors()) {
      if (fits(constructor, arguments)) {
        return constructor.newInstance(arguments);
      }
    }
    throw new NoSuchMethodException(type + " of " + Arrays.toString(arguments));
  }

  static Object callStatic(String type, String name, Object... arguments)
      throws ReflectiveOperationException {
    return present(call(type(type), null, name, arguments), name);
  }

  static Object get(Object target, String name, Object... arguments)
      throws ReflectiveOperationException {
    return present(call(target.getClass(), target, name, arguments), name);
  }

  static void run(Object target, String name, Object... arguments)
      throws ReflectiveOperationException {
    call(target.getClass(), target, name, arguments);
  }

  /// A method handle, and no reflective call, since that would want an exported class also where a
  /// method was declared that the public class has inherited.
  private static @Nullable Object call(
      Class<?> type, @Nullable Object target, String name, Object... arguments)
      throws ReflectiveOperationException {
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name)
          && !method.isBridge()
          && Modifier.isStatic(method.getModifiers()) == (target == null)
          && fits(method, arguments)) {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        MethodType shape =
            MethodType.methodType(method.getReturnType(), method.getParameterTypes());
        MethodHandle handle =
            target == null
                ? lookup.findStatic(type, name, shape)
                : lookup.findVirtual(type, name, shape).bindTo(target);
        try {
          return handle.asFixedArity().invokeWithArguments(arguments);
        } catch (VirtualMachineError e) {
          throw e;
        } catch (Throwable e) {
          throw new InvocationTargetException(e, name);
        }
      }
    }
    throw new NoSuchMethodException(type + "." + name);
  }

  private static Object present(@Nullable Object value, String name) throws NoSuchMethodException {
    if (value == null) {
      throw new NoSuchMethodException(name + " gave nothing");
    }
    return value;
  }

  private static boolean fits(Executable member, Object... arguments) {
    Class<?>[] types =
        MethodType.methodType(void.class, member.getParameterTypes()).wrap().parameterArray();
    boolean fits = types.length == arguments.length;
    for (int i = 0; fits && i < types.length; i++) {
      fits = types[i].isInstance(arguments[i]);
    }
    return fits;
  }
}
