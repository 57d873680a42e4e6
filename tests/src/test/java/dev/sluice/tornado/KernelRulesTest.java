package dev.sluice.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.LocalVariable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelRulesTest {

  private static final List<String> FINDINGS =
      KernelRules.check(ClassFiles.of(OffendingKernels.class));

  private static List<String> of(String method) {
    String prefix = OffendingKernels.class.getName() + "." + method + ": ";
    return FINDINGS.stream()
        .filter(finding -> finding.startsWith(prefix))
        .map(finding -> finding.substring(prefix.length()))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "shiftsUnsigned, uses >>>",
    "shiftsLongUnsigned, uses >>>",
    "dividesDifference, divides what may be negative",
    "dividesNegated, divides what may be negative",
    "dividesThroughVariable, divides what may be negative",
    "dividesOneLess, divides what may be negative",
    "packsShorts, shifts the bits of bf16FromFloat",
    "packsShortsOfVariables, shifts the bits of bf16FromFloat",
    "norm, is a word or function",
    "usesDouble, calls Math.exp of a float in double",
    "takesBits, calls floatToRawIntBits",
    "takesBitsOfPair, takes the bits of a part of a Half2",
    "makesObject, makes an object",
    "makesArray, makes an array whose size",
    "usesString, uses a string",
    "joinsStrings, joins strings",
    "usesField, uses the field",
    "recurs, calls itself",
    "handsOnLocalMemory, hands local memory to sumOf",
    "storesFragment, misses where the array begins",
  })
  void findsTheFault(String method, String finding) {
    assertEquals(1, of(method).size(), () -> of(method).toString());
    assertTrue(of(method).getFirst().contains(finding), () -> of(method).toString());
  }

  @Test
  void findsThrowing() {
    assertTrue(of("throwsException").stream().anyMatch(finding -> finding.startsWith("throws")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shiftsRightly",
        "dividesRightly",
        "packsRightly",
        "makesRightly",
        "usesLocalMemory",
        "storesFragmentRightly",
        "dot"
      })
  void letsPassWhatIsRight(String method) {
    assertEquals(List.of(), of(method));
  }

  @Test
  void findsClassFilesWithoutVariables() {
    ClassTransform strip =
        ClassTransform.transformingMethodBodies(
            CodeTransform.ACCEPT_ALL.andThen((builder, element) -> {
              if (!(element instanceof LocalVariable)) {
                builder.with((CodeElement) element);
              }
            }));
    ClassModel stripped =
        ClassFile.of()
            .parse(ClassFile.of().transformClass(ClassFiles.of(OffendingKernels.class), strip));
    assertTrue(KernelRules.check(stripped).stream().anyMatch(f -> f.contains("compile with -g")));
  }

  /// Every kernel of the project keeps to the rules.
  @Test
  void kernelsKeepToTheRules() {
    List<String> findings = new ArrayList<>();
    for (ClassModel model : ClassFiles.of("tornado-tasks")) {
      if (ClassFiles.name(model).endsWith("Kernels")) {
        findings.addAll(KernelRules.check(model));
      }
    }
    assertEquals("", String.join("\n", findings));
  }
}
