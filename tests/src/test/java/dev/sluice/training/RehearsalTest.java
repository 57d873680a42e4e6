package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.SmallModels;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What runs while a model is built.
class RehearsalTest {
  private static final Device DEVICE = Devices.preferred();
  private static final int LENGTH = 24;
  private static final float DROPOUT = 0.1f;

  private static ModelConfig config(String pattern) {
    return SmallModels.of(pattern, 12, 16, 3, 0.02);
  }

  @ParameterizedTest
  @MethodSource("dev.sluice.models.SmallModels#patterns")
  void everyMixerRehearses(String pattern) {
    try (Rehearsal rehearsal =
        Rehearsal.begin(config(pattern), DEVICE, Choices::automatic, LENGTH, DROPOUT)) {
      rehearsal.await();
      assertNull(rehearsal.failure());
    }
  }

  @Test
  void changesNoNumber() {
    float alone = loss();
    try (Rehearsal rehearsal =
        Rehearsal.begin(config("gla"), DEVICE, Choices::automatic, LENGTH, DROPOUT)) {
      assertEquals(alone, loss());
      rehearsal.await();
    }
    assertEquals(alone, loss());
  }

  private static float loss() {
    try (TrainingProgram program =
        new TrainingProgram(
            new LanguageModel(config("gla")), DEVICE, Choices.automatic(), 2, LENGTH, DROPOUT)) {
      program.program().initialize(3);
      int[] tokens = new int[2 * LENGTH];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = i * 7 % 12;
      }
      return program.accumulate(tokens, tokens, tokens.length, 5, 0, 0);
    }
  }
}
