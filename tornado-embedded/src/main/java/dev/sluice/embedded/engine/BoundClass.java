package dev.sluice.embedded.engine;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.function.Consumer;

/// A hidden class, a nest mate of the kernel's class, that holds a kernel's arguments in fields.
///
/// As a nest mate it calls the private methods that the kernel calls, and being a class of its own
/// it is compiled as the kernel itself is.
final class BoundClass {

  private static final ClassDesc OBJECT_ARRAY = ConstantDescs.CD_Object.arrayType();

  private final KernelMethod kernel;
  private final ClassDesc self;
  private final List<ClassDesc> types;

  /// @param kernel whose arguments to hold
  /// @param types the types to hold them as
  BoundClass(KernelMethod kernel, List<ClassDesc> types) {
    this.kernel = kernel;
    this.types = types;
    String owner = kernel.owner().getName();
    self = ClassDesc.of(owner.substring(0, owner.lastIndexOf('.') + 1) + "Bound$" + kernel.name());
  }

  /// @return the class's own type
  ClassDesc self() {
    return self;
  }

  /// Defines the class.
  ///
  /// @param implemented the interface it implements
  /// @param methods adds its methods
  /// @return a constructor of type `(Object[])Object`
  /// @throws IllegalAccessException if the kernel's package does not let the runtime in
  MethodHandle define(Class<?> implemented, Consumer<ClassBuilder> methods)
      throws IllegalAccessException {
    ClassFile file =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.defaultResolver()
                    .orElse(
                        ClassHierarchyResolver.ofClassLoading(kernel.owner().getClassLoader()))));
    byte[] bytes =
        file.build(
            self,
            builder -> {
              builder.withFlags(
                  ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC);
              builder.withInterfaceSymbols(implemented.describeConstable().orElseThrow());
              for (int i = 0; i < types.size(); i++) {
                builder.withField(
                    "a" + i, types.get(i), ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
              }
              builder.withMethodBody(
                  ConstantDescs.INIT_NAME,
                  MethodTypeDesc.of(ConstantDescs.CD_void, OBJECT_ARRAY),
                  0,
                  this::constructor);
              methods.accept(builder);
            });
    MethodHandles.Lookup lookup =
        MethodHandles.privateLookupIn(kernel.owner(), MethodHandles.lookup());
    MethodHandles.Lookup defined =
        lookup.defineHiddenClass(bytes, true, MethodHandles.Lookup.ClassOption.NESTMATE);
    try {
      return defined
          .findConstructor(defined.lookupClass(), MethodType.methodType(void.class, Object[].class))
          .asType(MethodType.methodType(Object.class, Object[].class));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  private void constructor(CodeBuilder code) {
    code.aload(0)
        .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void);
    for (int i = 0; i < types.size(); i++) {
      ClassDesc type = types.get(i);
      code.aload(0).aload(1).loadConstant(i).aaload();
      if (type.isPrimitive()) {
        Boxes.unbox(code, type);
      } else {
        code.checkcast(type);
      }
      code.putfield(self, "a" + i, type);
    }
    code.return_();
  }

  /// Pushes the arguments from the fields of `this` in slot 0.
  void loadArguments(CodeBuilder code) {
    for (int i = 0; i < types.size(); i++) {
      loadArgument(code, i);
    }
  }

  /// Pushes one argument from its field of `this` in slot 0.
  void loadArgument(CodeBuilder code, int index) {
    code.aload(0).getfield(self, "a" + index, types.get(index));
  }

  /// @param constructor one made by [#define]
  /// @param arguments the kernel's arguments, of its parameters' types
  /// @return a new object of the class
  static Object construct(MethodHandle constructor, Object[] arguments) {
    try {
      return (Object) constructor.invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /// @return slots that the arguments take
  static int slots(List<ClassDesc> types) {
    return types.stream().mapToInt(type -> TypeKind.from(type).slotSize()).sum();
  }
}
