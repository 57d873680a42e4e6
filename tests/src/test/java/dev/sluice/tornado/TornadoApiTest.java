package dev.sluice.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Holds the embedded runtime, and every reference into the API from our class files, against the
/// list of TornadoVM's public members, so that one class file runs on either runtime.
class TornadoApiTest {

  private static final TornadoMembers TORNADO = TornadoMembers.read();
  private static final List<String> CALLERS = List.of("tornado-tasks", "layers", "cli");

  /// Members of the embedded runtime that TornadoVM does not have.
  private static final Set<String> ADDITIONS = Set.of();

  @Test
  void embeddedRuntimeAddsNothing() {
    List<ClassModel> classes = ClassFiles.of("tornado-embedded");
    assertFalse(classes.isEmpty());
    List<String> unknown = new ArrayList<>();
    for (ClassModel model : classes) {
      String name = ClassFiles.name(model);
      if (name.startsWith(TornadoMembers.API)
          && model.flags().has(AccessFlag.PUBLIC)
          && !name.endsWith("package-info")) {
        check(name, model, unknown);
      }
    }
    unknown.removeAll(ADDITIONS);
    assertEquals(List.of(), unknown);
  }

  private static void check(String name, ClassModel model, List<String> unknown) {
    if (!TORNADO.hasClass(name)) {
      unknown.add(name);
    }
    for (var method : model.methods()) {
      int flags = method.flags().flagsMask();
      check(
          name,
          method.methodName().stringValue(),
          method.methodType().stringValue(),
          flags,
          unknown);
    }
    for (var field : model.fields()) {
      int flags = field.flags().flagsMask();
      check(name, field.fieldName().stringValue(), field.fieldType().stringValue(), flags, unknown);
    }
  }

  private static void check(
      String owner, String name, String descriptor, int flags, List<String> unknown) {
    boolean visible = (flags & (ClassFile.ACC_PUBLIC | ClassFile.ACC_PROTECTED)) != 0;
    boolean synthetic = (flags & ClassFile.ACC_SYNTHETIC) != 0;
    if (!visible || synthetic || isOfObject(name, descriptor)) {
      return;
    }
    boolean isStatic = (flags & ClassFile.ACC_STATIC) != 0;
    if (!TORNADO.has(owner, name, descriptor)
        || TORNADO.isStatic(owner, name, descriptor) != isStatic) {
      unknown.add(owner + " " + name + " " + descriptor);
    }
  }

  private static boolean isOfObject(String name, String descriptor) {
    return Set.of("toString ()Ljava/lang/String;", "hashCode ()I", "equals (Ljava/lang/Object;)Z")
        .contains(name + " " + descriptor);
  }

  @Test
  void inheritedTaskMethodsAreTornadoVms() {
    for (var method : TaskGraph.class.getMethods()) {
      if (!method.isSynthetic() && method.getDeclaringClass() != Object.class) {
        String descriptor =
            MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .descriptorString();
        assertTrue(
            TORNADO.has("uk.ac.manchester.tornado.api.TaskGraph", method.getName(), descriptor),
            method.toString());
      }
    }
  }

  @Test
  void classFilesReferToTornadoVmsMembersOnly() {
    List<String> unknown = new ArrayList<>();
    for (String module : CALLERS) {
      for (ClassModel model : ClassFiles.of(module)) {
        unknown.addAll(unknownReferences(model));
      }
    }
    assertEquals(List.of(), unknown);
  }

  @Test
  void findsAReferenceThatTornadoVmDoesNotHave() {
    assertEquals(List.of(), unknownReferences(ClassFiles.of(KnownReferences.class)));
    assertFalse(TORNADO.has("uk.ac.manchester.tornado.api.TaskGraph", "task", "()V"));
    assertFalse(TORNADO.hasClass("uk.ac.manchester.tornado.api.Sluice"));
    assertTrue(TORNADO.has("uk.ac.manchester.tornado.api.WorkerGrid1D", "setLocalWork", "(JJJ)V"));
  }

  /// Uses members that are inherited, static and of an enum.
  private static final class KnownReferences {
    static String use() {
      var grid = new WorkerGrid1D(4);
      grid.setLocalWork(2, 1, 1);
      var array = new FloatArray(4);
      array.clear();
      return MMAShape.M16N8K16.name() + array.getNumBytesOfSegment();
    }
  }

  private static List<String> unknownReferences(ClassModel model) {
    List<String> unknown = new ArrayList<>();
    for (PoolEntry entry : model.constantPool()) {
      switch (entry) {
        case MemberRefEntry member -> {
          String owner = member.owner().asInternalName().replace('/', '.');
          String name = member.name().stringValue();
          String descriptor = member.type().stringValue();
          if (owner.startsWith(TornadoMembers.API)
              && !TORNADO.has(owner, name, descriptor)
              && !isOfObjectOrEnum(owner, name)) {
            unknown.add(ClassFiles.name(model) + " -> " + owner + " " + name + " " + descriptor);
          }
        }
        case ClassEntry type -> {
          String name = type.asInternalName().replaceAll("^\\[+L|;$", "").replace('/', '.');
          if (name.startsWith(TornadoMembers.API) && !TORNADO.hasClass(name)) {
            unknown.add(ClassFiles.name(model) + " -> " + name);
          }
        }
        default -> {}
      }
    }
    return unknown;
  }

  /// Methods that every object, enum or exception has.
  private static boolean isOfObjectOrEnum(String owner, String name) {
    try {
      Class<?> type = Class.forName(owner, false, TornadoApiTest.class.getClassLoader());
      for (Class<?> above = type.getSuperclass(); above != null; above = above.getSuperclass()) {
        if (!above.getName().startsWith(TornadoMembers.API)
            && Arrays.stream(above.getMethods()).anyMatch(m -> m.getName().equals(name))) {
          return true;
        }
      }
      return false;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
