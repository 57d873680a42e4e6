package dev.sluice.embedded.engine;

import dev.sluice.embedded.engine.TypeFlow.Kind;
import dev.sluice.embedded.engine.TypeFlow.State;
import dev.sluice.embedded.engine.TypeFlow.Type;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;

/// Copies one method that takes a context.
///
/// Around each call in which the thread can wait the copy reads
///
/// ```
/// again:  call
///         if (item.suspended()) { save what lies on the stack, the variables and the place; return; }
/// ```
///
/// and it starts with `if (item.resuming())`, which takes all that back and jumps to `again` with
/// zeros for the call's arguments: the method called takes back its own.
final class ContextMethod {

  private static final ClassDesc ITEM = ClassDesc.of(WorkItem.class.getName());
  private static final ClassDesc SUSPENSION = ClassDesc.of(Suspension.class.getName());
  private static final ClassDesc BOX = ConstantDescs.CD_Integer;
  private static final MethodTypeDesc ASK = MethodTypeDesc.of(ConstantDescs.CD_boolean);
  private static final MethodTypeDesc PLACE =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);

  private final KernelMethod method;
  private final ContextCalls calls;
  private final ClassDesc self;
  private final List<CodeElement> elements;
  private final CodeCopy copy;
  private final List<Integer> waits = new ArrayList<>();
  private final int item;

  ContextMethod(KernelMethod method, ContextCalls calls, ClassDesc self) {
    this.method = method;
    this.calls = calls;
    this.self = self;
    elements = method.code().elementList();
    for (int i = 0; i < elements.size(); i++) {
      switch (elements.get(i)) {
        case InvokeInstruction call when calls.waits(call) -> waits.add(i);
        case ExceptionCatch caught -> throw refused("catches exceptions");
        case InvokeDynamicInstruction dynamic -> throw refused("uses strings or lambdas");
        default -> {}
      }
    }
    int parameters = BoundClass.slots(method.type().parameterList());
    item = parameters;
    copy = new CodeCopy(parameters, waits.isEmpty() ? 0 : 1);
  }

  private TornadoBailoutRuntimeException refused(String what) {
    return new TornadoBailoutRuntimeException(method + " " + what + "; kernels must not");
  }

  void emit(CodeBuilder code) {
    List<State> states = states();
    List<Label> again = new ArrayList<>();
    waits.forEach(position -> again.add(code.newLabel()));
    if (!waits.isEmpty()) {
      emitEntry(code, states, again);
    }
    for (int i = 0; i < elements.size(); i++) {
      int place = waits.indexOf(i);
      switch (elements.get(i)) {
        case FieldInstruction field
            when field.opcode() == Opcode.GETFIELD
                && field.owner().asSymbol().equals(ContextCalls.CONTEXT) ->
            i = emitIndex(code, field, i);
        case InvokeInstruction call when place >= 0 -> {
          code.labelBinding(again.get(place));
          emitCall(code, call);
          emitLeave(code, call, states.get(place), place);
        }
        case InvokeInstruction call -> emitCall(code, call);
        default -> copy.copy(code, elements.get(i));
      }
    }
  }

  /// The types before each call in which the thread can wait; calls that are never reached are
  /// dropped.
  private List<State> states() {
    Map<Integer, State> before = waits.isEmpty() ? Map.of() : TypeFlow.before(method, waits);
    List<State> states = new ArrayList<>();
    for (int position : List.copyOf(waits)) {
      State state = before.get(position);
      if (state == null) {
        waits.remove((Integer) position);
      } else {
        states.add(state);
      }
    }
    return states;
  }

  /// Reads an index as `int`; takes the unboxing that follows with it.
  ///
  /// @return the position of the last instruction done
  private int emitIndex(CodeBuilder code, FieldInstruction field, int position) {
    code.checkcast(ITEM).getfield(ITEM, field.name().stringValue(), ConstantDescs.CD_int);
    int next = position + 1;
    while (!(elements.get(next) instanceof Instruction)) {
      next++;
    }
    if (elements.get(next) instanceof InvokeInstruction unbox
        && unbox.owner().asSymbol().equals(BOX)
        && unbox.name().equalsString("intValue")
        && next == position + 1) {
      return next;
    }
    code.invokestatic(BOX, "valueOf", MethodTypeDesc.of(BOX, ConstantDescs.CD_int));
    return position;
  }

  private void emitCall(CodeBuilder code, InvokeInstruction call) {
    if (ContextCalls.takesContext(call)) {
      code.invokestatic(self, ContextCompiler.name(calls.index(call)), call.typeSymbol());
    } else {
      copy.copy(code, call);
    }
  }

  /// The method's start: goes on from where the thread waited.
  private void emitEntry(CodeBuilder code, List<State> states, List<Label> again) {
    Label start = code.newLabel();
    int context = 0;
    for (ClassDesc parameter : method.type().parameterList()) {
      if (parameter.equals(ContextCalls.CONTEXT)) {
        break;
      }
      context += TypeKind.from(parameter).slotSize();
    }
    code.aload(context).checkcast(ITEM).astore(item);
    code.aload(item).invokevirtual(ITEM, "resuming", ASK).ifeq(start);
    List<SwitchCase> cases = new ArrayList<>();
    List<Label> entries = new ArrayList<>();
    for (int i = 0; i < waits.size(); i++) {
      entries.add(code.newLabel());
      cases.add(SwitchCase.of(i, entries.get(i)));
    }
    take(code, Type.INT);
    code.lookupswitch(start, cases);
    for (int i = 0; i < waits.size(); i++) {
      State state = states.get(i);
      InvokeInstruction call = (InvokeInstruction) elements.get(waits.get(i));
      code.labelBinding(entries.get(i));
      for (int slot = state.locals().size() - 1; slot >= 0; slot--) {
        restore(code, state.locals().get(slot), slot);
      }
      for (Type below : below(state, call)) {
        take(code, below);
      }
      emitOperands(code, call);
      code.goto_(again.get(i));
    }
    code.labelBinding(start);
  }

  private void restore(CodeBuilder code, Type type, int slot) {
    if (type.kind() != Kind.TOP) {
      take(code, type);
      code.storeLocal(kind(type), copy.slot(slot));
    }
  }

  /// Zeros for the arguments of a call, the thread for its context.
  private void emitOperands(CodeBuilder code, InvokeInstruction call) {
    if (call.opcode() != Opcode.INVOKESTATIC) {
      code.aload(item);
    }
    for (ClassDesc parameter : call.typeSymbol().parameterList()) {
      if (parameter.equals(ContextCalls.CONTEXT)) {
        code.aload(item);
      } else {
        emitZero(code, parameter);
      }
    }
  }

  private static void emitZero(CodeBuilder code, ClassDesc type) {
    switch (TypeKind.from(type).asLoadable()) {
      case INT -> code.iconst_0();
      case FLOAT -> code.fconst_0();
      case LONG -> code.lconst_0();
      case DOUBLE -> code.dconst_0();
      default -> code.aconst_null();
    }
  }

  private static List<Type> below(State state, InvokeInstruction call) {
    int operands =
        call.typeSymbol().parameterCount() + (call.opcode() == Opcode.INVOKESTATIC ? 0 : 1);
    return state.stack().subList(0, state.stack().size() - operands);
  }

  /// After a call: if the thread waits, saves everything and returns.
  private void emitLeave(CodeBuilder code, InvokeInstruction call, State state, int place) {
    Label on = code.newLabel();
    code.aload(item).invokevirtual(ITEM, "suspended", ASK).ifeq(on);
    switch (TypeKind.from(call.typeSymbol().returnType()).slotSize()) {
      case 1 -> code.pop();
      case 2 -> code.pop2();
      default -> {}
    }
    for (Type type : below(state, call).reversed()) {
      save(code, type);
    }
    for (int slot = 0; slot < state.locals().size(); slot++) {
      Type type = state.locals().get(slot);
      if (type.kind() != Kind.TOP) {
        code.loadLocal(kind(type), copy.slot(slot));
        save(code, type);
      }
    }
    code.aload(item).loadConstant(place).invokevirtual(ITEM, "savePlace", PLACE);
    ClassDesc result = method.type().returnType();
    if (!result.equals(ConstantDescs.CD_void)) {
      emitZero(code, result);
    }
    code.return_(TypeKind.from(result));
    code.labelBinding(on);
  }

  private static TypeKind kind(Type type) {
    return switch (type.kind()) {
      case INT -> TypeKind.INT;
      case FLOAT -> TypeKind.FLOAT;
      case LONG -> TypeKind.LONG;
      case DOUBLE -> TypeKind.DOUBLE;
      default -> TypeKind.REFERENCE;
    };
  }

  private ClassDesc saved(Type type) {
    if (type.kind() == Kind.UNINITIALIZED) {
      throw refused("waits for other threads while it makes an object");
    }
    return switch (kind(type)) {
      case INT -> ConstantDescs.CD_int;
      case FLOAT -> ConstantDescs.CD_float;
      case LONG -> ConstantDescs.CD_long;
      case DOUBLE -> ConstantDescs.CD_double;
      default -> ConstantDescs.CD_Object;
    };
  }

  private void save(CodeBuilder code, Type type) {
    MethodTypeDesc save = MethodTypeDesc.of(ConstantDescs.CD_void, saved(type), SUSPENSION);
    code.aload(item).invokestatic(SUSPENSION, "save", save);
  }

  private void take(CodeBuilder code, Type type) {
    String name =
        switch (kind(type)) {
          case INT -> "takeInt";
          case FLOAT -> "takeFloat";
          case LONG -> "takeLong";
          case DOUBLE -> "takeDouble";
          default -> "takeReference";
        };
    code.aload(item).invokevirtual(ITEM, name, MethodTypeDesc.of(saved(type)));
    ClassDesc reference = type.type();
    if (type.kind() == Kind.NULL) {
      code.pop().aconst_null();
    } else if (reference != null) {
      code.checkcast(reference);
    }
  }
}
