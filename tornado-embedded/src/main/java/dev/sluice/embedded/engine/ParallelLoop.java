package dev.sluice.embedded.engine;

import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.annotations.Parallel;

/// A loop `for (@Parallel int i = …; i < bound; i++)` in the shape that javac gives it:
///
/// ```
///   start; istore i                  <- store
/// head:
///   iload i; bound; if_icmpge exit   <- load … compare
///   body
///   iinc i 1; goto head              <- back
/// exit:
/// ```
///
/// @param slot the loop variable
/// @param store position of the first store in the code's elements
/// @param load position of the load in the head
/// @param compare position of the head's branch
/// @param back position of the jump to the head
record ParallelLoop(int slot, int store, int load, int compare, int back) {

  private static final String PARALLEL = Parallel.class.descriptorString();

  /// Why a kernel's loops cannot be split.
  static final class Unsplittable extends Exception {
    private static final long serialVersionUID = 1L;

    Unsplittable(String reason) {
      super(reason);
    }
  }

  /// @param code a kernel
  /// @return its annotated loops, outer before inner; empty if there are none
  /// @throws Unsplittable if one does not have the expected shape
  static List<ParallelLoop> all(CodeAttribute code) throws Unsplittable {
    List<ParallelLoop> loops = new ArrayList<>();
    var annotations = code.findAttribute(Attributes.runtimeVisibleTypeAnnotations()).orElse(null);
    if (annotations == null) {
      return loops;
    }
    List<CodeElement> elements = code.elementList();
    for (TypeAnnotation annotation : annotations.annotations()) {
      if (annotation.annotation().className().equalsString(PARALLEL)
          && annotation.targetInfo() instanceof TypeAnnotation.LocalVarTarget target) {
        var range = target.table().getFirst();
        int head = position(code, elements, code.labelToBci(range.startLabel()));
        loops.add(match(code, elements, range.index(), head));
      }
    }
    loops.sort(Comparator.comparingInt(ParallelLoop::store));
    return loops;
  }

  /// The first element at or after a bytecode position that is an instruction.
  private static int position(CodeAttribute code, List<CodeElement> elements, int bci)
      throws Unsplittable {
    for (int i = 0; i < elements.size(); i++) {
      if (elements.get(i) instanceof LabelTarget target && code.labelToBci(target.label()) == bci) {
        return i;
      }
    }
    throw new Unsplittable("a loop variable's range starts at no label");
  }

  private static ParallelLoop match(
      CodeAttribute code, List<CodeElement> elements, int slot, int head) throws Unsplittable {
    int store = before(elements, head);
    int load = from(elements, head);
    if (!(store >= 0 && elements.get(store) instanceof StoreInstruction s && s.slot() == slot)
        || !(elements.get(load) instanceof LoadInstruction l && l.slot() == slot)) {
      throw new Unsplittable(
          "a loop does not start with its variable's initial value and a test of it");
    }
    int compare = load + 1;
    while (!(elements.get(compare) instanceof BranchInstruction)) {
      compare++;
    }
    BranchInstruction test = (BranchInstruction) elements.get(compare);
    if (test.opcode() != Opcode.IF_ICMPGE) {
      throw new Unsplittable(
          "a loop's test is not variable < bound, without conditions in the bound");
    }
    int exit = position(code, elements, code.labelToBci(test.target()));
    int back = before(elements, exit);
    int step = before(elements, back);
    if (!(elements.get(back) instanceof BranchInstruction jump
            && jump.opcode() == Opcode.GOTO
            && targets(code, jump.target(), elements, head))
        || !(elements.get(step) instanceof IncrementInstruction inc
            && inc.slot() == slot
            && inc.constant() == 1)) {
      throw new Unsplittable("a loop does not end with variable++");
    }
    ParallelLoop loop = new ParallelLoop(slot, store, load, compare, back);
    loop.checkBody(code, elements, step);
    return loop;
  }

  private static boolean targets(
      CodeAttribute code, Label label, List<CodeElement> elements, int head) {
    return elements.get(head) instanceof LabelTarget target
        && code.labelToBci(target.label()) == code.labelToBci(label);
  }

  private static int before(List<CodeElement> elements, int position) {
    int i = position - 1;
    while (i >= 0 && !(elements.get(i) instanceof Instruction)) {
      i--;
    }
    return i;
  }

  private static int from(List<CodeElement> elements, int position) {
    int i = position;
    while (!(elements.get(i) instanceof Instruction)) {
      i++;
    }
    return i;
  }

  private void checkBody(CodeAttribute code, List<CodeElement> elements, int step)
      throws Unsplittable {
    int first = bci(code, elements, load);
    int last = bci(code, elements, back);
    for (int i = compare + 1; i < step; i++) {
      CodeElement element = elements.get(i);
      if (sets(element, slot)) {
        throw new Unsplittable("a loop's body changes its variable");
      }
      boolean leaves =
          switch (element) {
            case ReturnInstruction r -> true;
            case BranchInstruction b -> {
              int target = code.labelToBci(b.target());
              yield target < first || target > last;
            }
            default -> false;
          };
      if (leaves) {
        throw new Unsplittable("a loop's body leaves the loop");
      }
    }
    for (int i = load + 1; i < compare; i++) {
      if (elements.get(i) instanceof LoadInstruction bound) {
        for (int j = compare + 1; j < back; j++) {
          if (sets(elements.get(j), bound.slot())) {
            throw new Unsplittable("a loop's body changes its bound");
          }
        }
      }
    }
  }

  private static int bci(CodeAttribute code, List<CodeElement> elements, int position) {
    int i = position;
    while (!(elements.get(i) instanceof LabelTarget)) {
      i--;
    }
    return code.labelToBci(((LabelTarget) elements.get(i)).label());
  }

  private static boolean sets(CodeElement element, int slot) {
    return switch (element) {
      case StoreInstruction s -> s.slot() == slot;
      case IncrementInstruction inc -> inc.slot() == slot;
      default -> false;
    };
  }

  /// @param outer another loop
  /// @return whether this loop lies in the other's body
  boolean isInside(@Nullable ParallelLoop outer) {
    return outer != null && store > outer.compare && back < outer.back;
  }
}
