package dev.sluice.embedded.engine;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Tells whether code can be run twice without harm: it only reads memory and sets locals.
final class Purity {

  private static final String ARRAYS = "uk/ac/manchester/tornado/api/types/arrays/";
  private static final Set<String> PURE_CLASSES =
      Set.of(
          "java/lang/Math",
          "java/lang/Float",
          "java/lang/Integer",
          "uk/ac/manchester/tornado/api/math/TornadoMath",
          "uk/ac/manchester/tornado/api/types/BFloat16",
          "uk/ac/manchester/tornado/api/types/HalfFloat");

  private final KernelMethod kernel;
  private final Set<String> assumed = new HashSet<>();

  Purity(KernelMethod kernel) {
    this.kernel = kernel;
  }

  /// @param elements a stretch of code
  /// @return whether every instruction in it is harmless
  boolean isPure(List<CodeElement> elements) {
    return elements.stream().allMatch(this::isPure);
  }

  private boolean isPure(CodeElement element) {
    return switch (element) {
      case ArrayStoreInstruction store -> false;
      case MonitorInstruction monitor -> false;
      case ThrowInstruction thrown -> false;
      case InvokeDynamicInstruction dynamic -> false;
      case FieldInstruction field ->
          field.opcode() == Opcode.GETFIELD || field.opcode() == Opcode.GETSTATIC;
      case InvokeInstruction call -> isPure(call);
      default -> true;
    };
  }

  private boolean isPure(InvokeInstruction call) {
    String owner = call.owner().asInternalName();
    String name = call.name().stringValue();
    if (PURE_CLASSES.contains(owner)) {
      return true;
    }
    if (owner.startsWith(ARRAYS)) {
      return name.startsWith("get");
    }
    if (call.opcode() != Opcode.INVOKESTATIC || !owner.equals(kernel.ownerName())) {
      return false;
    }
    String descriptor = call.type().stringValue();
    if (!assumed.add(name + descriptor)) {
      return true;
    }
    KernelMethod callee = kernel.sibling(name, descriptor);
    return callee != null && isPure(callee.code().elementList());
  }
}
