package dev.sluice.tornado;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// The expressions of a method. javac writes an expression's operands before its operator, so the
/// operand that ends before an instruction is found by walking back.
final class Expressions {

  /// No such expression: it has a condition, or something else that is not followed.
  static final int UNKNOWN = -1;

  /// The method's instructions; a label is a null, since what is before it may not be what comes
  /// first.
  private final List<CodeElement> code = new ArrayList<>();

  Expressions(CodeAttribute attribute) {
    for (CodeElement element : attribute.elementList()) {
      if (element instanceof Instruction || element instanceof LabelTarget) {
        code.add(element);
      }
    }
  }

  int size() {
    return code.size();
  }

  /// @param index a position
  /// @return the instruction there, or a label
  CodeElement get(int index) {
    return code.get(index);
  }

  /// @param index an instruction
  /// @param operand which of its operands, the last being 0
  /// @return the position of the operand's own last instruction, [#UNKNOWN] if it is not followed
  int operand(int index, int operand) {
    int at = before(index);
    for (int i = 0; i < operand && at != UNKNOWN; i++) {
      int start = start(at);
      at = start == UNKNOWN ? UNKNOWN : before(start);
    }
    return at;
  }

  private int before(int index) {
    int at = index - 1;
    // A label between two instructions of one expression only says where a variable is in scope,
    // unless
    // a jump ends before it; then the instruction before is a branch, which no expression contains.
    while (at >= 0 && code.get(at) instanceof LabelTarget) {
      at--;
    }
    return at;
  }

  /// @return where the expression that ends at an instruction starts
  private int start(int index) {
    int operands = index < 0 ? UNKNOWN : operands(code.get(index));
    int at = index;
    for (int i = 0; i < operands && at != UNKNOWN; i++) {
      at = start(before(at));
    }
    return operands == UNKNOWN ? UNKNOWN : at;
  }

  private static int operands(CodeElement element) {
    return switch (element) {
      case ConstantInstruction constant -> 0;
      case LoadInstruction load -> 0;
      case ConvertInstruction convert -> 1;
      case TypeCheckInstruction check -> 1;
      case ArrayLoadInstruction load -> 2;
      case OperatorInstruction operator ->
          switch (operator.opcode()) {
            case INEG, LNEG, FNEG, DNEG, ARRAYLENGTH -> 1;
            default -> 2;
          };
      case FieldInstruction field when field.opcode() == Opcode.GETSTATIC -> 0;
      case FieldInstruction field when field.opcode() == Opcode.GETFIELD -> 1;
      case InvokeInstruction call ->
          call.typeSymbol().returnType().descriptorString().equals("V")
              ? UNKNOWN
              : call.typeSymbol().parameterCount() + (call.opcode() == Opcode.INVOKESTATIC ? 0 : 1);
      default -> UNKNOWN;
    };
  }

  /// Follows variables to the expression last stored in them, by the order of the code.
  ///
  /// @param index the last instruction of an expression
  /// @return the last instruction of what it stands for
  int resolve(int index) {
    int at = index;
    for (int hops = 0; hops < 8; hops++) {
      if (at == UNKNOWN || !(code.get(at) instanceof LoadInstruction load)) {
        return at;
      }
      int store = at - 1;
      while (store >= 0
          && !(code.get(store) instanceof StoreInstruction s && s.slot() == load.slot())) {
        store--;
      }
      if (store < 0) {
        return at;
      }
      at = before(store);
    }
    return at;
  }

  /// @param index the last instruction of an expression
  /// @return its value if it is an integer constant
  OptionalLong constant(int index) {
    if (index != UNKNOWN
        && code.get(index) instanceof ConstantInstruction constant
        && constant.constantValue() instanceof Number number
        && (number instanceof Integer || number instanceof Long)) {
      return OptionalLong.of(number.longValue());
    }
    return OptionalLong.empty();
  }

  /// Whether an integer expression is negative for some arguments that are not: it subtracts what
  /// is not a constant, or more than was added before, or negates.
  ///
  /// @param index the last instruction of the expression
  /// @return whether that is so; false where the expression is not followed
  boolean mayBeNegative(int index) {
    return mayBeNegative(index, 0, 16);
  }

  private boolean mayBeNegative(int index, long added, int depth) {
    int at = resolve(index);
    if (at == UNKNOWN || depth == 0) {
      return false;
    }
    if (!(code.get(at) instanceof OperatorInstruction operator)) {
      return added < 0;
    }
    int right = operand(at, 0);
    OptionalLong constant = constant(right);
    switch (operator.opcode()) {
      case INEG, LNEG -> {
        return true;
      }
      case ISUB, LSUB -> {
        return constant.isEmpty()
            || mayBeNegative(operand(at, 1), added - constant.getAsLong(), depth - 1);
      }
      case IADD, LADD -> {
        if (constant.isPresent()) {
          return mayBeNegative(operand(at, 1), added + constant.getAsLong(), depth - 1);
        }
        return mayBeNegative(right, 0, depth - 1)
            || mayBeNegative(operand(at, 1), added, depth - 1);
      }
      case IMUL, LMUL -> {
        return mayBeNegative(right, 0, depth - 1)
            || mayBeNegative(operand(at, 1), 0, depth - 1)
            || added < 0;
      }
      default -> {
        return added < 0;
      }
    }
  }
}
