package dev.sluice.embedded.engine;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.util.List;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;

/// Makes a [ContextKernel] of a kernel that takes a context.
///
/// The kernel and the methods it passes its context to are copied into a hidden class; there the
/// context's indices are read as plain `int`s, and methods in which a thread can wait can be left
/// and entered again.
final class ContextCompiler {

  private static final ClassDesc ITEM = ClassDesc.of(WorkItem.class.getName());
  private static final ClassDesc INT = ConstantDescs.CD_int;
  private static final MethodTypeDesc MOVE = MethodTypeDesc.of(ConstantDescs.CD_void, INT);

  private ContextCompiler() {}

  /// A compiled kernel.
  ///
  /// @param constructor makes a [ContextKernel] of arguments, `(Object[])Object`
  /// @param types the kernel's parameters
  /// @param grouped whether threads work together
  record Compiled(MethodHandle constructor, List<ClassDesc> types, boolean grouped) {

    ContextKernel bind(Object[] arguments) {
      return (ContextKernel) BoundClass.construct(constructor, Boxes.widened(arguments, types));
    }
  }

  /// @param kernel takes a context
  /// @return the kernel, compiled
  /// @throws TornadoBailoutRuntimeException if it does what kernels must not
  static Compiled compile(KernelMethod kernel) {
    ContextCalls calls = new ContextCalls(kernel);
    List<ClassDesc> types = kernel.type().parameterList();
    BoundClass bound = new BoundClass(kernel, types);
    try {
      MethodHandle constructor =
          bound.define(
              ContextKernel.class,
              builder -> {
                builder.withMethodBody(
                    "run",
                    MethodTypeDesc.of(ConstantDescs.CD_void, ITEM),
                    ClassFile.ACC_PUBLIC,
                    code -> {
                      call(code, bound, kernel);
                      code.return_();
                    });
                builder.withMethodBody(
                    "run",
                    MethodTypeDesc.of(ConstantDescs.CD_void, ITEM, INT, INT),
                    ClassFile.ACC_PUBLIC,
                    code -> loop(code, bound, kernel));
                for (int i = 0; i < calls.methods().size(); i++) {
                  KernelMethod method = calls.methods().get(i);
                  builder.withMethodBody(
                      name(i),
                      method.type(),
                      ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC,
                      code -> new ContextMethod(method, calls, bound.self()).emit(code));
                }
              });
      return new Compiled(constructor, types, calls.grouped());
    } catch (IllegalAccessException e) {
      throw new TornadoBailoutRuntimeException(
          kernel + " is not loaded by the class loader of the embedded runtime", e);
    }
  }

  /// @param index a method's position among those of the calls
  /// @return its name in the hidden class
  static String name(int index) {
    return "kernel" + index;
  }

  private static void call(CodeBuilder code, BoundClass bound, KernelMethod kernel) {
    for (int i = 0; i < kernel.type().parameterCount(); i++) {
      if (kernel.type().parameterType(i).equals(ContextCalls.CONTEXT)) {
        code.aload(1);
      } else {
        bound.loadArgument(code, i);
      }
    }
    code.invokestatic(bound.self(), name(0), kernel.type());
  }

  private static void loop(CodeBuilder code, BoundClass bound, KernelMethod kernel) {
    var head = code.newLabel();
    var exit = code.newLabel();
    code.aload(1).iload(2).invokevirtual(ITEM, "moveTo", MOVE);
    code.labelBinding(head).iload(2).iload(3).if_icmpge(exit);
    call(code, bound, kernel);
    code.aload(1).invokevirtual(ITEM, "advance", ConstantDescs.MTD_void);
    code.iinc(2, 1).goto_(head).labelBinding(exit).return_();
  }
}
