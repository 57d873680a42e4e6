package dev.sluice.embedded.engine;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;

/// Copies a kernel's code into a method with further parameters behind the kernel's own.
///
/// @param parameters slots that the kernel's parameters take
/// @param shift slots that the further parameters and variables take
record CodeCopy(int parameters, int shift) {

  /// @param slot a slot of the kernel
  /// @return the slot of the copy
  int slot(int slot) {
    return slot < parameters ? slot : slot + shift;
  }

  /// @param to where to write
  /// @param element written with its slots moved; what only describes the code is left out
  void copy(CodeBuilder to, CodeElement element) {
    switch (element) {
      case LoadInstruction load -> to.loadLocal(load.typeKind(), slot(load.slot()));
      case StoreInstruction store -> to.storeLocal(store.typeKind(), slot(store.slot()));
      case IncrementInstruction inc -> to.iinc(slot(inc.slot()), inc.constant());
      case Instruction other -> to.with(other);
      case LabelTarget label -> to.with(label);
      case LineNumber line -> to.with(line);
      default -> {}
    }
  }
}
