package dev.sluice.embedded.engine;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;

/// A kernel and the methods that it passes its context to, and what they do with it.
final class ContextCalls {

  static final ClassDesc CONTEXT = ClassDesc.of(KernelContext.class.getName());
  private static final String CONTEXT_NAME = KernelContext.class.getName().replace('.', '/');

  private static final Set<String> WAITING =
      Set.of("localBarrier", "globalBarrier", "simdSum", "simdShuffleDown", "simdBroadcastFirst");

  /// The methods by owner, name and descriptor, the kernel first.
  private final Map<String, KernelMethod> methods = new LinkedHashMap<>();

  private final Set<String> waiting = new LinkedHashSet<>();
  private boolean grouped;

  /// @param kernel takes a context
  ContextCalls(KernelMethod kernel) {
    add(key(kernel), kernel, new LinkedHashSet<>());
  }

  private void add(String key, KernelMethod method, Set<String> path) {
    if (!path.add(key)) {
      throw new TornadoBailoutRuntimeException(
          method + " calls itself; kernels must not recurse, so use a loop");
    }
    methods.put(key, method);
    for (CodeElement element : method.code().elementList()) {
      if (element instanceof InvokeInstruction call) {
        visit(key, method, call, path);
      }
    }
    path.remove(key);
  }

  private void visit(String key, KernelMethod method, InvokeInstruction call, Set<String> path) {
    if (isIntrinsic(call)) {
      String name = call.name().stringValue();
      grouped |=
          WAITING.contains(name)
              || name.startsWith("allocate")
              || name.startsWith("mma")
              || name.startsWith("async");
      if (WAITING.contains(name)) {
        waiting.add(key);
      }
    } else if (takesContext(call)) {
      String callee = key(call);
      KernelMethod target = resolve(method, call);
      add(callee, target, path);
      if (waiting.contains(callee)) {
        waiting.add(key);
      }
    }
  }

  private static KernelMethod resolve(KernelMethod from, InvokeInstruction call) {
    String owner = call.owner().asInternalName();
    String name = call.name().stringValue();
    String descriptor = call.type().stringValue();
    KernelMethod found = null;
    if (call.opcode() == Opcode.INVOKESTATIC) {
      if (owner.equals(from.ownerName())) {
        found = from.sibling(name, descriptor);
      } else {
        try {
          Class<?> other =
              Class.forName(owner.replace('/', '.'), false, from.owner().getClassLoader());
          found = KernelMethod.of(new KernelReference(other, name, descriptor));
        } catch (ClassNotFoundException e) {
          found = null;
        }
      }
    }
    if (found == null) {
      throw new TornadoBailoutRuntimeException(
          from + " passes its context to " + owner + "." + name + "; make that a static method");
    }
    return found;
  }

  private static String key(KernelMethod method) {
    return method.ownerName() + "." + method.name() + method.type().descriptorString();
  }

  static String key(InvokeInstruction call) {
    return call.owner().asInternalName()
        + "."
        + call.name().stringValue()
        + call.type().stringValue();
  }

  /// @return whether the call is one of a method of the context
  static boolean isIntrinsic(InvokeInstruction call) {
    return call.owner().asInternalName().equals(CONTEXT_NAME);
  }

  /// @return whether the call passes the context on
  static boolean takesContext(InvokeInstruction call) {
    return !isIntrinsic(call) && call.typeSymbol().parameterList().contains(CONTEXT);
  }

  /// @return whether threads work together: they wait, share memory or multiply matrices
  boolean grouped() {
    return grouped;
  }

  /// @return the methods, the kernel first
  List<KernelMethod> methods() {
    return List.copyOf(methods.values());
  }

  /// @return the method's position among [#methods]
  int index(InvokeInstruction call) {
    return List.copyOf(methods.keySet()).indexOf(key(call));
  }

  /// @return whether a thread can wait in the method
  boolean waits(KernelMethod method) {
    return waiting.contains(key(method));
  }

  /// @return whether a thread can wait in the call
  boolean waits(InvokeInstruction call) {
    return isIntrinsic(call)
        ? WAITING.contains(call.name().stringValue())
        : takesContext(call) && waiting.contains(key(call));
  }
}
