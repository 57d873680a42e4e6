package dev.sluice.embedded.engine;

import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.attribute.StackMapFrameInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.ObjectVerificationTypeInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.SimpleVerificationTypeInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.VerificationTypeInfo;
import java.lang.classfile.instruction.*;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Follows the types of variables and of the operand stack through a method, as the verifier does:
/// from frame to frame of the stack map, and by the effect of each instruction in between.
final class TypeFlow {

  /// A type of the verifier. Only `REFERENCE` has a class.
  ///
  /// @param kind which
  /// @param type the class of a reference
  record Type(Kind kind, @Nullable ClassDesc type) {
    static final Type TOP = new Type(Kind.TOP, null);
    static final Type INT = new Type(Kind.INT, null);
    static final Type FLOAT = new Type(Kind.FLOAT, null);
    static final Type LONG = new Type(Kind.LONG, null);
    static final Type DOUBLE = new Type(Kind.DOUBLE, null);
    static final Type NULL = new Type(Kind.NULL, null);

    static Type of(ClassDesc type) {
      return switch (TypeKind.from(type).asLoadable()) {
        case INT -> INT;
        case FLOAT -> FLOAT;
        case LONG -> LONG;
        case DOUBLE -> DOUBLE;
        case VOID -> TOP;
        default -> new Type(Kind.REFERENCE, type);
      };
    }

    static Type of(TypeKind kind) {
      return switch (kind.asLoadable()) {
        case INT -> INT;
        case FLOAT -> FLOAT;
        case LONG -> LONG;
        case DOUBLE -> DOUBLE;
        default -> TOP;
      };
    }

    boolean isWide() {
      return kind == Kind.LONG || kind == Kind.DOUBLE;
    }
  }

  /// What a type can be.
  enum Kind {
    TOP,
    INT,
    FLOAT,
    LONG,
    DOUBLE,
    NULL,
    UNINITIALIZED,
    REFERENCE
  }

  /// The types before an instruction.
  ///
  /// @param locals by slot; the second slot of a wide one is `TOP`
  /// @param stack the deepest first; a wide one is one entry
  record State(List<Type> locals, List<Type> stack) {}

  private final List<CodeElement> elements;
  private final Map<Label, StackMapFrameInfo> frames = new HashMap<>();
  private final List<Type> locals = new ArrayList<>();
  private final List<Type> stack = new ArrayList<>();
  private final Map<Integer, State> wanted = new HashMap<>();

  private TypeFlow(CodeAttribute code, MethodTypeDesc type) {
    elements = code.elementList();
    code.findAttribute(Attributes.stackMapTable())
        .ifPresent(table -> table.entries().forEach(frame -> frames.put(frame.target(), frame)));
    for (ClassDesc parameter : type.parameterList()) {
      addLocal(Type.of(parameter));
    }
  }

  /// @param kernel a static method
  /// @param positions positions of instructions among its code's elements
  /// @return the types before each; those that are never reached are left out
  static Map<Integer, State> before(KernelMethod kernel, List<Integer> positions) {
    TypeFlow flow = new TypeFlow(kernel.code(), kernel.type());
    flow.follow(positions);
    return flow.wanted;
  }

  private void follow(List<Integer> positions) {
    boolean reached = true;
    for (int i = 0; i < elements.size(); i++) {
      CodeElement element = elements.get(i);
      if (element instanceof LabelTarget label
          && frames.get(label.label()) instanceof StackMapFrameInfo f) {
        enter(f);
        reached = true;
      }
      if (!reached) {
        continue;
      }
      if (positions.contains(i)) {
        wanted.put(i, new State(List.copyOf(locals), List.copyOf(stack)));
      }
      reached = apply(element);
    }
  }

  private void enter(StackMapFrameInfo frame) {
    locals.clear();
    stack.clear();
    frame.locals().forEach(info -> addLocal(type(info)));
    frame.stack().forEach(info -> push(type(info)));
  }

  private static Type type(VerificationTypeInfo info) {
    return switch (info) {
      case SimpleVerificationTypeInfo simple ->
          switch (simple) {
            case TOP -> Type.TOP;
            case INTEGER -> Type.INT;
            case FLOAT -> Type.FLOAT;
            case LONG -> Type.LONG;
            case DOUBLE -> Type.DOUBLE;
            case NULL -> Type.NULL;
            case UNINITIALIZED_THIS -> new Type(Kind.UNINITIALIZED, null);
          };
      case ObjectVerificationTypeInfo object -> Type.of(object.classSymbol());
      default -> new Type(Kind.UNINITIALIZED, null);
    };
  }

  private void addLocal(Type type) {
    locals.add(type);
    if (type.isWide()) {
      locals.add(Type.TOP);
    }
  }

  private void push(Type type) {
    stack.add(type);
  }

  private Type pop() {
    return stack.removeLast();
  }

  private void pop(int count) {
    for (int i = 0; i < count; i++) {
      pop();
    }
  }

  private void replace(int popped, Type pushed) {
    pop(popped);
    push(pushed);
  }

  private void store(int slot, Type type) {
    while (locals.size() < slot + (type.isWide() ? 2 : 1)) {
      locals.add(Type.TOP);
    }
    locals.set(slot, type);
    if (type.isWide()) {
      locals.set(slot + 1, Type.TOP);
    }
  }

  /// @return whether the next instruction follows this one
  private boolean apply(CodeElement element) {
    switch (element) {
      case LoadInstruction load -> push(locals.get(load.slot()));
      case StoreInstruction s -> store(s.slot(), pop());
      case ConstantInstruction constant -> push(constant(constant));
      case OperatorInstruction operator -> apply(operator);
      case ConvertInstruction convert -> replace(1, Type.of(convert.toType()));
      case ArrayLoadInstruction load -> apply(load);
      case ArrayStoreInstruction s -> pop(3);
      case FieldInstruction field -> apply(field);
      case InvokeInstruction call -> apply(call);
      case InvokeDynamicInstruction call -> {
        pop(call.typeSymbol().parameterCount());
        push(Type.of(call.typeSymbol().returnType()));
      }
      case NewObjectInstruction created ->
          push(new Type(Kind.UNINITIALIZED, created.className().asSymbol()));
      case NewPrimitiveArrayInstruction array ->
          replace(1, Type.of(array.typeKind().upperBound().arrayType()));
      case NewReferenceArrayInstruction array ->
          replace(1, Type.of(array.componentType().asSymbol().arrayType()));
      case NewMultiArrayInstruction array ->
          replace(array.dimensions(), Type.of(array.arrayType().asSymbol()));
      case TypeCheckInstruction check ->
          replace(
              1, check.opcode() == Opcode.CHECKCAST ? Type.of(check.type().asSymbol()) : Type.INT);
      case StackInstruction shuffle -> apply(shuffle.opcode());
      case BranchInstruction branch -> {
        pop(operands(branch.opcode()));
        return branch.opcode() != Opcode.GOTO && branch.opcode() != Opcode.GOTO_W;
      }
      case TableSwitchInstruction table -> {
        return false;
      }
      case LookupSwitchInstruction lookup -> {
        return false;
      }
      case ReturnInstruction returned -> {
        return false;
      }
      case ThrowInstruction thrown -> {
        return false;
      }
      case MonitorInstruction monitor -> pop();
      default -> {}
    }
    return true;
  }

  private static Type constant(ConstantInstruction constant) {
    if (constant.opcode() == Opcode.ACONST_NULL) {
      return Type.NULL;
    }
    return constant.typeKind() == TypeKind.REFERENCE
        ? Type.of(ConstantDescs.CD_Object)
        : Type.of(constant.typeKind());
  }

  private void apply(OperatorInstruction operator) {
    switch (operator.opcode()) {
      case INEG, LNEG, FNEG, DNEG -> {}
      case ARRAYLENGTH -> replace(1, Type.INT);
      case LCMP, FCMPL, FCMPG, DCMPL, DCMPG -> replace(2, Type.INT);
      default -> pop();
    }
  }

  private void apply(ArrayLoadInstruction load) {
    pop();
    Type array = pop();
    if (load.typeKind() != TypeKind.REFERENCE) {
      push(Type.of(load.typeKind()));
      return;
    }
    ClassDesc type = array.type();
    push(type == null ? Type.NULL : Type.of(type.componentType()));
  }

  private void apply(FieldInstruction field) {
    Type type = Type.of(field.typeSymbol());
    switch (field.opcode()) {
      case GETFIELD -> replace(1, type);
      case GETSTATIC -> push(type);
      case PUTFIELD -> pop(2);
      default -> pop();
    }
  }

  private void apply(InvokeInstruction call) {
    pop(call.typeSymbol().parameterCount());
    if (call.opcode() != Opcode.INVOKESTATIC) {
      Type receiver = pop();
      ClassDesc created = receiver.type();
      if (receiver.kind() == Kind.UNINITIALIZED && created != null) {
        stack.replaceAll(type -> type.equals(receiver) ? Type.of(created) : type);
      }
    }
    if (!call.typeSymbol().returnType().equals(ConstantDescs.CD_void)) {
      push(Type.of(call.typeSymbol().returnType()));
    }
  }

  private void apply(Opcode shuffle) {
    switch (shuffle) {
      case POP -> pop();
      case POP2 -> pop(stack.getLast().isWide() ? 1 : 2);
      case DUP -> push(stack.getLast());
      case DUP_X1 -> duplicate(1, 1);
      case DUP_X2 -> duplicate(1, stack.get(stack.size() - 2).isWide() ? 1 : 2);
      case DUP2 -> duplicate(top(), 0);
      case DUP2_X1 -> duplicate(top(), 1);
      case DUP2_X2 -> duplicate(top(), stack.get(stack.size() - 1 - top()).isWide() ? 1 : 2);
      default -> {
        Type first = pop();
        Type second = pop();
        push(first);
        push(second);
      }
    }
  }

  private int top() {
    return stack.getLast().isWide() ? 1 : 2;
  }

  /// Copies the top entries to below the entries under them.
  private void duplicate(int count, int below) {
    List<Type> copied = List.copyOf(stack.subList(stack.size() - count, stack.size()));
    stack.addAll(stack.size() - count - below, copied);
  }

  private static int operands(Opcode opcode) {
    return switch (opcode) {
      case GOTO, GOTO_W -> 0;
      case IF_ICMPEQ, IF_ICMPNE, IF_ICMPLT, IF_ICMPGE, IF_ICMPGT, IF_ICMPLE, IF_ACMPEQ, IF_ACMPNE ->
          2;
      default -> 1;
    };
  }
}
