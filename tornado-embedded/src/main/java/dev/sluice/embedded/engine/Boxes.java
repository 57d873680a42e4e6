package dev.sluice.embedded.engine;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Converts boxed arguments to a kernel's parameters.
final class Boxes {

  private Boxes() {}

  /// Emits the unboxing of the object on the stack.
  ///
  /// @param type the primitive to unbox; the object is its box
  static void unbox(CodeBuilder code, ClassDesc type) {
    ClassDesc box =
        switch (type.descriptorString().charAt(0)) {
          case 'I' -> ConstantDescs.CD_Integer;
          case 'J' -> ConstantDescs.CD_Long;
          case 'F' -> ConstantDescs.CD_Float;
          case 'D' -> ConstantDescs.CD_Double;
          case 'S' -> ConstantDescs.CD_Short;
          case 'B' -> ConstantDescs.CD_Byte;
          case 'C' -> ConstantDescs.CD_Character;
          case 'Z' -> ConstantDescs.CD_Boolean;
          default -> throw new IllegalArgumentException(type.displayName());
        };
    code.checkcast(box).invokevirtual(box, type.displayName() + "Value", MethodTypeDesc.of(type));
  }

  /// @param arguments what the application passed
  /// @param types a kernel's parameters
  /// @return the arguments, numbers widened as a call would widen them
  static Object[] widened(@Nullable Object[] arguments, List<ClassDesc> types) {
    Object[] result = new Object[arguments.length];
    for (int i = 0; i < result.length; i++) {
      Object argument = arguments[i];
      if (argument == null) {
        throw new NullPointerException("argument " + i + " is null");
      }
      result[i] = types.get(i).isPrimitive() ? widened(argument, types.get(i)) : argument;
    }
    return result;
  }

  private static Object widened(Object argument, ClassDesc type) {
    if (!(argument instanceof Number number)) {
      return argument;
    }
    return switch (type.descriptorString().charAt(0)) {
      case 'I' -> number.intValue();
      case 'J' -> number.longValue();
      case 'F' -> number.floatValue();
      case 'D' -> number.doubleValue();
      case 'S' -> number.shortValue();
      default -> argument;
    };
  }
}
