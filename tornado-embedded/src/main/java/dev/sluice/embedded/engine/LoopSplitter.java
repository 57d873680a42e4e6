package dev.sluice.embedded.engine;

import dev.sluice.embedded.engine.ParallelLoop.Unsplittable;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes a [SplitKernel] of a kernel with annotated loops.
///
/// The kernel's code is copied with four further parameters. Each split loop gets a variable for
/// its end; where its variable gets its first value, the bound is computed once, and both become
/// those of the wanted share. What lies outside the loops is run by every share, so it must be
/// pure.
final class LoopSplitter {

  private static final ClassDesc SPLIT = ClassDesc.of(SplitKernel.class.getName());
  private static final ClassDesc INT = ConstantDescs.CD_int;
  private static final MethodTypeDesc BEGIN = MethodTypeDesc.of(INT, INT, INT, INT, INT);
  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(ConstantDescs.CD_void, INT, INT, INT, INT);
  private static final int SHARE_PARAMETERS = 4;
  private static final int END_VARIABLES = 2;

  private final KernelMethod kernel;
  private final List<CodeElement> elements;
  private final ParallelLoop outer;
  private final @Nullable ParallelLoop inner;
  private final int parameters;
  private final CodeCopy copy;

  private LoopSplitter(KernelMethod kernel, List<ParallelLoop> loops) throws Unsplittable {
    this.kernel = kernel;
    elements = kernel.code().elementList();
    outer = loops.getFirst();
    parameters = BoundClass.slots(kernel.type().parameterList());
    copy = new CodeCopy(parameters, SHARE_PARAMETERS + END_VARIABLES);
    if (elements.stream().anyMatch(ExceptionCatch.class::isInstance)) {
      throw new Unsplittable("it catches exceptions");
    }
    if (!kernel.type().returnType().equals(ConstantDescs.CD_void)) {
      throw new Unsplittable("it returns a value");
    }
    Purity purity = new Purity(kernel);
    if (!purity.isPure(elements.subList(0, outer.store()))
        || !purity.isPure(elements.subList(outer.back() + 1, elements.size()))) {
      throw new Unsplittable("it writes outside its outermost parallel loop");
    }
    inner = splittableInner(loops, purity);
  }

  private @Nullable ParallelLoop splittableInner(List<ParallelLoop> loops, Purity purity) {
    if (loops.size() < 2 || !loops.get(1).isInside(outer)) {
      return null;
    }
    ParallelLoop second = loops.get(1);
    boolean pure =
        purity.isPure(elements.subList(outer.compare(), second.store()))
            && purity.isPure(elements.subList(second.back() + 1, outer.back()));
    return pure ? second : null;
  }

  /// A kernel made splittable.
  ///
  /// @param constructor makes a [SplitKernel] of arguments, `(Object[])Object`
  /// @param types the kernel's parameters
  /// @param nested whether there is an inner loop to split
  record Split(MethodHandle constructor, List<ClassDesc> types, boolean nested) {

    SplitKernel bind(Object[] arguments) {
      return (SplitKernel) BoundClass.construct(constructor, Boxes.widened(arguments, types));
    }
  }

  /// @param kernel the kernel
  /// @return the kernel, splittable; null if it has no annotated loop
  /// @throws Unsplittable if its loops cannot be split
  static @Nullable Split split(KernelMethod kernel) throws Unsplittable {
    List<ParallelLoop> loops = ParallelLoop.all(kernel.code());
    return loops.isEmpty() ? null : new LoopSplitter(kernel, loops).define();
  }

  private Split define() throws Unsplittable {
    List<ClassDesc> types = kernel.type().parameterList();
    BoundClass bound = new BoundClass(kernel, types);
    MethodTypeDesc whole =
        MethodTypeDesc.of(ConstantDescs.CD_void, types)
            .insertParameterTypes(types.size(), INT, INT, INT, INT);
    MethodTypeDesc count = MethodTypeDesc.of(INT, types);
    int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC;
    try {
      MethodHandle constructor =
          bound.define(
              SplitKernel.class,
              builder -> {
                builder.withMethodBody(
                    "length",
                    MethodTypeDesc.of(INT),
                    ClassFile.ACC_PUBLIC,
                    code -> {
                      bound.loadArguments(code);
                      code.invokestatic(bound.self(), "count", count).ireturn();
                    });
                builder.withMethodBody(
                    "run",
                    RUN,
                    ClassFile.ACC_PUBLIC,
                    code -> {
                      bound.loadArguments(code);
                      code.iload(1).iload(2).iload(3).iload(4);
                      code.invokestatic(bound.self(), kernel.name(), whole).return_();
                    });
                builder.withMethodBody(kernel.name(), whole, flags, this::emitShare);
                builder.withMethodBody("count", count, flags, this::emitCount);
              });
      return new Split(constructor, types, inner != null);
    } catch (IllegalAccessException e) {
      throw new Unsplittable("its class is not loaded by the class loader of the embedded runtime");
    }
  }

  private void emitShare(CodeBuilder code) {
    int outerEnd = parameters + SHARE_PARAMETERS;
    for (int i = 0; i < elements.size(); i++) {
      if (i == outer.store()) {
        emitStart(code, outer, parameters, outerEnd);
      } else if (inner != null && i == inner.store()) {
        emitStart(code, inner, parameters + 2, outerEnd + 1);
      } else if (i == outer.load() + 1) {
        code.iload(outerEnd);
        i = outer.compare();
        copy.copy(code, elements.get(i));
      } else if (inner != null && i == inner.load() + 1) {
        code.iload(outerEnd + 1);
        i = inner.compare();
        copy.copy(code, elements.get(i));
      } else {
        copy.copy(code, elements.get(i));
      }
    }
  }

  /// With a loop's first index on the stack: computes its bound, then stores the share's first
  /// index and end.
  private void emitStart(CodeBuilder code, ParallelLoop loop, int share, int end) {
    int variable = copy.slot(loop.slot());
    code.istore(variable);
    for (int i = loop.load() + 1; i < loop.compare(); i++) {
      copy.copy(code, elements.get(i));
    }
    code.istore(end);
    code.iload(variable).iload(end).iload(share).iload(share + 1);
    code.invokestatic(SPLIT, "begin", BEGIN, true);
    code.iload(variable).iload(end).iload(share).iconst_1().iadd().iload(share + 1);
    code.invokestatic(SPLIT, "begin", BEGIN, true);
    code.istore(end).istore(variable);
  }

  /// The code up to the outermost loop, then bound - start; 0 where the kernel ends before.
  private void emitCount(CodeBuilder code) {
    CodeCopy plain = new CodeCopy(parameters, 0);
    Set<Label> bound = new HashSet<>();
    for (int i = 0; i < outer.store(); i++) {
      if (elements.get(i) instanceof LabelTarget target) {
        bound.add(target.label());
      }
    }
    for (int i = 0; i < outer.store(); i++) {
      if (elements.get(i) instanceof ReturnInstruction) {
        code.iconst_0().ireturn();
      } else {
        plain.copy(code, elements.get(i));
      }
    }
    plain.copy(code, elements.get(outer.store()));
    for (int i = outer.load() + 1; i < outer.compare(); i++) {
      plain.copy(code, elements.get(i));
    }
    code.iload(outer.slot()).isub().ireturn();
    Set<Label> open = new HashSet<>();
    for (int i = 0; i < outer.store(); i++) {
      targets(elements.get(i), open);
    }
    open.removeAll(bound);
    for (Label label : open) {
      code.labelBinding(label);
    }
    if (!open.isEmpty()) {
      code.iconst_0().ireturn();
    }
  }

  private static void targets(CodeElement element, Set<Label> into) {
    switch (element) {
      case BranchInstruction branch -> into.add(branch.target());
      case TableSwitchInstruction table -> {
        into.add(table.defaultTarget());
        table.cases().stream().map(SwitchCase::target).forEach(into::add);
      }
      case LookupSwitchInstruction lookup -> {
        into.add(lookup.defaultTarget());
        lookup.cases().stream().map(SwitchCase::target).forEach(into::add);
      }
      default -> {}
    }
  }
}
