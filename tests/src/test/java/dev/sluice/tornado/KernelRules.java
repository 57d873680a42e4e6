package dev.sluice.tornado;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// Finds in kernels what TornadoVM refuses, or compiles to wrong code without a word.
///
/// Kernels are the static methods of classes named `…Kernels`. Each finding says what to write in
/// place.
final class KernelRules {

  private static final String TYPES = "uk/ac/manchester/tornado/api/types/";
  private static final String BFLOAT16 = TYPES + "BFloat16";
  private static final String CONTEXT = "uk/ac/manchester/tornado/api/KernelContext";

  /// Hands on what matrix units gave, which is no local memory.
  private static final String FRAGMENTS = "dev/sluice/tasks/ops/Fragments";

  /// Calls of the context that take an array of the device to begin where one of the JVM's does.
  private static final Set<String> MISPLACED =
      Set.of("mmaStore", "mmaStoreInt", "asyncCopyToLocal");

  private static final Set<String> ALLOWED_OBJECTS =
      Set.of(TYPES + "HalfFloat", TYPES + "vectors/Half2");

  /// Calls that do not compile.
  private static final Set<String> REFUSED_CALLS =
      Set.of(
          "java/lang/Float.floatToRawIntBits",
          "java/lang/Float.floatToIntBits",
          "java/lang/Float.floatToFloat16");

  /// Words and functions of CUDA C and OpenCL C that an English verb or noun can collide with.
  private static final Set<String> RESERVED =
      Set.of(
          ("abs acos all any asin atan atomic auto barrier bool cbrt ceil char clamp clock complex copysign cos cross"
                  + " degrees delete device distance dot double erf erfc exp exp10 exp2 extern fabs fast_length fast_normalize"
                  + " fdim float floor fma fmax fmin fmod fract frexp global goto half host hypot ilogb image inline int isequal"
                  + " isfinite isinf isnan j0 j1 kernel ldexp length lgamma local log log10 log1p log2 logb long mad main max"
                  + " memcpy memset min mix mod modf mul24 nan nextafter norm normalize norm3d norm4d pipe pow powr printf"
                  + " private quad radians read_only register remainder restrict rhypot rint rnorm root rootn rotate round rsqrt"
                  + " sampler scalbn select shared short shuffle sign signbit signed sin sincos sinh sizeof sqrt static step"
                  + " struct tan tanh tgamma trunc typedef union unsigned upsample vec_step void volatile vload vstore"
                  + " wait_group_events write_only y0 y1 yn")
              .split(" "));

  private final ClassModel model;
  private final String className;
  private final List<String> findings = new ArrayList<>();

  private KernelRules(ClassModel model) {
    this.model = model;
    className = ClassFiles.name(model);
  }

  /// @param model a class of kernels
  /// @return what is wrong with it, one line each
  static List<String> check(ClassModel model) {
    KernelRules rules = new KernelRules(model);
    for (MethodModel method : model.methods()) {
      if (!method.methodName().stringValue().startsWith("<")) {
        method.code().ifPresent(code -> rules.check(method, (CodeAttribute) code));
      }
    }
    rules.checkRecursion();
    return rules.findings;
  }

  private void found(MethodModel method, String what) {
    findings.add(className + "." + method.methodName().stringValue() + ": " + what);
  }

  private void check(MethodModel method, CodeAttribute code) {
    boolean isPrivate = method.flags().has(AccessFlag.PRIVATE);
    if (!isPrivate && RESERVED.contains(method.methodName().stringValue())) {
      found(method, "is a word or function of CUDA or OpenCL; choose another name");
    }
    if (!method.flags().has(AccessFlag.STATIC)) {
      found(method, "is not static; make it so");
    }
    if (code.maxLocals() > 0 && code.findAttribute(Attributes.localVariableTable()).isEmpty()) {
      found(method, "has no table of local variables; compile with -g");
    }
    Expressions expressions = new Expressions(code);
    for (int i = 0; i < expressions.size(); i++) {
      check(method, expressions, i);
    }
    for (CodeElement element : code) {
      if (element instanceof ExceptionCatch) {
        found(method, "catches exceptions; check before instead");
      }
    }
  }

  private void check(MethodModel method, Expressions code, int i) {
    switch (code.get(i)) {
      case OperatorInstruction operator -> checkOperator(method, code, i, operator.opcode());
      case InvokeInstruction call -> checkCall(method, code, i, call);
      case InvokeDynamicInstruction dynamic ->
          found(method, "uses a lambda or joins strings; kernels cannot");
      case NewObjectInstruction created -> {
        if (!ALLOWED_OBJECTS.contains(created.className().asInternalName())) {
          found(method, "makes an object; kernels cannot");
        }
      }
      case NewPrimitiveArrayInstruction array -> checkArray(method, code, i);
      case NewReferenceArrayInstruction array ->
          found(method, "makes an array of objects; kernels cannot");
      case NewMultiArrayInstruction array ->
          found(method, "makes an array of arrays; use one array and an index");
      case ThrowInstruction thrown ->
          found(method, "throws; check shapes before the graph is built");
      case MonitorInstruction monitor -> found(method, "synchronizes; use atomics of the context");
      case ConstantInstruction constant when constant.constantValue() instanceof String ->
          found(method, "uses a string; kernels cannot");
      case FieldInstruction field -> checkField(method, field);
      default -> {}
    }
  }

  private void checkOperator(MethodModel method, Expressions code, int i, Opcode opcode) {
    switch (opcode) {
      case IUSHR, LUSHR -> found(method, "uses >>>, which compiles as >>; use (x >> n) & mask");
      case IDIV, LDIV -> {
        OptionalLong divisor = code.constant(code.operand(i, 0));
        if (divisor.isPresent()
            && Long.bitCount(divisor.getAsLong()) == 1
            && divisor.getAsLong() > 1
            && code.mayBeNegative(code.operand(i, 1))) {
          found(
              method,
              "divides what may be negative by a power of two, which rounds wrongly; use >> or a dividend that is not negative");
        }
      }
      case ISHL, IMUL -> {
        if (isSixteenBits(code, code.operand(i, 1)) || isSixteenBits(code, code.operand(i, 0))) {
          found(
              method,
              "shifts the bits of bf16FromFloat, which stay 16 bits wide; use z - ((z - x) << 16) with z = index >> 31");
        }
      }
      default -> {}
    }
  }

  /// Whether an expression is the result of `bf16FromFloat`, masked or not.
  private static boolean isSixteenBits(Expressions code, int index) {
    int at = code.resolve(index);
    if (at == Expressions.UNKNOWN) {
      return false;
    }
    return switch (code.get(at)) {
      case InvokeInstruction call ->
          call.owner().asInternalName().equals(BFLOAT16)
              && call.name().equalsString("bf16FromFloat");
      case ConvertInstruction convert -> isSixteenBits(code, code.operand(at, 0));
      case OperatorInstruction operator when operator.opcode() == Opcode.IAND ->
          isSixteenBits(code, code.operand(at, 0)) || isSixteenBits(code, code.operand(at, 1));
      default -> false;
    };
  }

  private void checkCall(MethodModel method, Expressions code, int i, InvokeInstruction call) {
    String owner = call.owner().asInternalName();
    String name = call.name().stringValue();
    if (REFUSED_CALLS.contains(owner + "." + name)) {
      found(method, "calls " + name + ", which does not compile");
    }
    if (owner.equals(CONTEXT) && MISPLACED.contains(name)) {
      found(
          method,
          "calls " + name + ", which misses where the array begins; go through " + FRAGMENTS);
    }
    if (!owner.equals(CONTEXT)
        && !owner.equals(FRAGMENTS)
        && call.typeSymbol().parameterList().stream().anyMatch(KernelRules::isLocal)) {
      found(
          method,
          "hands local memory to "
              + name
              + ", which would address it wrongly; use it in the kernel");
    }
    if (owner.equals("java/lang/Math")
        && call.typeSymbol().parameterList().contains(ConstantDescs.CD_double)
        && (isConversion(code, i + 1, Opcode.D2F) || isConversion(code, i - 1, Opcode.F2D))) {
      found(method, "calls Math." + name + " of a float in double; use TornadoMath." + name);
    }
    if (name.equals("getHalfFloatValue")) {
      int receiver = code.resolve(code.operand(i, 0));
      if (receiver != Expressions.UNKNOWN
          && code.get(receiver) instanceof InvokeInstruction from
          && from.owner().asInternalName().equals(TYPES + "vectors/Half2")) {
        found(
            method,
            "takes the bits of a part of a Half2, which does not compile; load the part alone");
      }
    }
  }

  private static boolean isLocal(ClassDesc type) {
    return type.isArray() && type.componentType().isPrimitive();
  }

  private static boolean isConversion(Expressions code, int index, Opcode opcode) {
    return index >= 0
        && index < code.size()
        && code.get(index) instanceof ConvertInstruction convert
        && convert.opcode() == opcode;
  }

  private void checkArray(MethodModel method, Expressions code, int i) {
    if (code.constant(code.operand(i, 0)).isEmpty()) {
      found(method, "makes an array whose size is no constant; kernels cannot");
    }
  }

  private void checkField(MethodModel method, FieldInstruction field) {
    String owner = field.owner().asInternalName();
    boolean isOwn = owner.equals(model.thisClass().asInternalName());
    if (field.opcode() == Opcode.PUTSTATIC || field.opcode() == Opcode.PUTFIELD || isOwn) {
      found(
          method, "uses the field " + field.name().stringValue() + "; pass an array or a constant");
    }
  }

  private void checkRecursion() {
    Map<String, Set<String>> calls = new LinkedHashMap<>();
    for (MethodModel method : model.methods()) {
      Set<String> callees = new LinkedHashSet<>();
      method.code().ifPresent(code -> code.forEach(element -> addOwnCall(element, callees)));
      calls.put(key(method), callees);
    }
    for (MethodModel method : model.methods()) {
      Set<String> reached = new HashSet<>();
      reach(calls, key(method), reached);
      if (reached.contains(key(method))) {
        found(method, "calls itself; use a loop");
      }
    }
  }

  private static String key(MethodModel method) {
    return method.methodName().stringValue() + method.methodType().stringValue();
  }

  private void addOwnCall(CodeElement element, Set<String> callees) {
    if (element instanceof InvokeInstruction call
        && call.owner().asInternalName().equals(model.thisClass().asInternalName())) {
      callees.add(call.name().stringValue() + call.type().stringValue());
    }
  }

  private static void reach(Map<String, Set<String>> calls, String from, Set<String> reached) {
    for (String callee : calls.getOrDefault(from, Set.of())) {
      if (reached.add(callee)) {
        reach(calls, callee, reached);
      }
    }
  }
}
