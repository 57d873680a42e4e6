package dev.sluice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which part of the project knows which.
class ArchitectureTest {
  private static final String TORNADO = "uk.ac.manchester..";
  private static final String TASKS = "dev.sluice.tasks..";
  private static final String EMBEDDED = "dev.sluice.embedded..";

  /// None knows one after it.
  private static final List<String> ORDER =
      List.of(
          "dev.sluice.layers..",
          "dev.sluice.models..",
          "dev.sluice.data..",
          "dev.sluice.checkpoint..",
          "dev.sluice.training..",
          "dev.sluice.cli..");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.sluice", "uk.ac.manchester.tornado");

  @Test
  void onlyTasksAndTheEmbeddedRuntimeKnowTornado() {
    noClasses()
        .that()
        .resideOutsideOfPackages(TASKS, EMBEDDED, TORNADO)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(TORNADO)
        .check(CLASSES);
  }

  @Test
  void referencesAreFreeOfTheRuntime() {
    noClasses()
        .that()
        .haveSimpleNameEndingWith("Reference")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(TORNADO, EMBEDDED)
        .check(CLASSES);
  }

  @Test
  void tasksKnowNoLayers() {
    noClasses()
        .that()
        .resideInAnyPackage(TASKS, EMBEDDED)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ORDER.toArray(String[]::new))
        .check(CLASSES);
  }

  @Test
  void noPackageKnowsOneAfterIt() {
    for (int i = 0; i < ORDER.size() - 1; i++) {
      noClasses()
          .that()
          .resideInAPackage(ORDER.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ORDER.subList(i + 1, ORDER.size()).toArray(String[]::new))
          .check(CLASSES);
    }
  }

  @Test
  void packagesKnowEachOtherInOneDirection() {
    slices().matching("dev.sluice.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyTheCommandLinePrints() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.sluice.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  @Test
  void everyOpHasAReference() {
    classes()
        .that()
        .resideInAPackage("dev.sluice.tasks.ops..")
        .and()
        .haveSimpleNameEndingWith("Op")
        .should(haveAReference())
        .check(CLASSES);
  }

  private static ArchCondition<JavaClass> haveAReference() {
    return new ArchCondition<>("have a reference in their package") {
      @Override
      public void check(JavaClass op, ConditionEvents events) {
        boolean found =
            op.getPackage().getClasses().stream()
                .anyMatch(c -> c.getSimpleName().endsWith("Reference"));
        if (!found) {
          events.add(
              SimpleConditionEvent.violated(op, op.getName() + " has no *Reference beside it"));
        }
      }
    };
  }
}
