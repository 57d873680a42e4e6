package dev.sluice.tasks.kernels;

import java.lang.classfile.ClassFile;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import uk.ac.manchester.tornado.api.AccessorParameters;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.Access;

/// Adds tasks with compiled kernels to task graphs of TornadoVM.
///
/// `TaskGraph.prebuiltTask` is meant for it, but two such tasks in one graph run the same kernel:
/// TornadoVM 5.2.0 keeps the code of a task at its index in a list, and looks for it by `equals`,
/// which a `PrebuiltTask` answers with no even for itself. So the class of the tasks is one of our
/// own, derived from that with an `equals` of identity, made here because its superclass is not
/// there when Sluice is compiled.
final class PrebuiltTasks {
  private static final String NAME = PrebuiltTasks.class.getPackageName() + ".IdenticalTask";
  private static final String SUPERCLASS = "runtime.tasks.PrebuiltTask";

  private final Field implementation;
  private final Field packages;
  private final Constructor<?> task;

  /// @throws ReflectiveOperationException if TornadoVM's classes are not as expected
  PrebuiltTasks() throws ReflectiveOperationException {
    implementation = accessible(TaskGraph.class, "taskGraphImpl");
    packages = accessible(Members.type("runtime.tasks.TornadoTaskGraph"), "taskPackages");
    Constructor<?> known = Members.type(SUPERCLASS).getConstructors()[0];
    Class<?> derived = MethodHandles.lookup().defineClass(classFile(known.getParameterTypes()));
    task = derived.getConstructor(known.getParameterTypes());
  }

  /// Both fields are of packages that TornadoVM opens to everybody.
  private static Field accessible(Class<?> owner, String name) throws ReflectiveOperationException {
    Field field = owner.getDeclaredField(name);
    if (!field.trySetAccessible()) {
      throw new IllegalAccessException(field.toString());
    }
    return field;
  }

  private static byte[] classFile(Class<?>... parameters) throws ReflectiveOperationException {
    ClassDesc superclass = Members.type(SUPERCLASS).describeConstable().orElseThrow();
    MethodTypeDesc make =
        MethodTypeDesc.of(
            ConstantDescs.CD_void,
            Arrays.stream(parameters).map(p -> p.describeConstable().orElseThrow()).toList());
    MethodTypeDesc equals = MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_Object);
    return ClassFile.of()
        .build(
            ClassDesc.of(NAME),
            type ->
                type.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL | ClassFile.ACC_SUPER)
                    .withSuperclass(superclass)
                    .withMethodBody(
                        ConstantDescs.INIT_NAME,
                        make,
                        ClassFile.ACC_PUBLIC,
                        code -> {
                          for (int i = 0; i <= parameters.length; i++) {
                            code.aload(i);
                          }
                          code.invokespecial(superclass, ConstantDescs.INIT_NAME, make).return_();
                        })
                    .withMethodBody(
                        "equals",
                        equals,
                        ClassFile.ACC_PUBLIC,
                        code -> {
                          Label other = code.newLabel();
                          code.aload(0).aload(1).if_acmpne(other).iconst_1().ireturn();
                          code.labelBinding(other).iconst_0().ireturn();
                        }));
  }

  /// @param graph a task graph of TornadoVM
  /// @param id the task's
  /// @param file the kernel's source
  /// @throws ReflectiveOperationException if TornadoVM does not take it
  void add(TaskGraph graph, String id, CompiledKernel kernel, Path file, List<Object> arguments)
      throws ReflectiveOperationException {
    Object target = implementation.get(graph);
    AccessorParameters parameters = new AccessorParameters(arguments.size());
    for (int i = 0; i < arguments.size(); i++) {
      parameters.set(i, arguments.get(i), kernel.accesses().get(i));
    }
    Object known =
        Members.callStatic(
            "api.common.TaskPackage",
            "createPrebuiltTask",
            id,
            kernel.entryPoint(),
            file.toString(),
            parameters);
    Object added =
        task.newInstance(
            Members.get(target, "meta"),
            id,
            kernel.entryPoint(),
            file.toString(),
            arguments.toArray(),
            kernel.accesses().toArray(Access[]::new));
    // As TornadoVM does, but for the class of the task. The first is for the check of grids' names.
    Members.run(packages.get(target), "add", known);
    Members.run(target, "addInner", added);
  }
}
