package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.checkpoint.CheckpointFolder;
import dev.sluice.checkpoint.CheckpointStore;
import dev.sluice.checkpoint.TensorInfo;
import dev.sluice.checkpoint.TensorSource;
import dev.sluice.data.Dataset;
import dev.sluice.data.MqarDataset;
import dev.sluice.data.MqarOptions;
import dev.sluice.data.Split;
import dev.sluice.tasks.graph.Parameter;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A number that is not finite stops the run, is named, and leaves the last checkpoint.
class NotFiniteTest {
  private static final MqarOptions DATA = new MqarOptions(16, 8, 2);
  private static final int BATCH = 2;

  private static final Dataset TRAINING = new MqarDataset(DATA, Runs.SEED, Split.TRAINING);

  @Test
  void rateTooLargeStopsTheRunAndKeepsTheCheckpoint(@TempDir Path folder) {
    try (TrainingProgram program = Runs.program(BATCH, DATA.length())) {
      // The first step moves every parameter by about the rate; products of such overflow.
      TrainingException e =
          assertThrows(
              TrainingException.class,
              () -> Runs.train(folder, program, TRAINING, Runs.options(1e30, BATCH, 2, 5)));
      String message = e.getMessage();
      assertTrue(
          message.matches("step 2: tensor '\\S+' is not finite; .*lower learning rate"), message);
      assertEquals(1, message.lines().count());
    }
    try (CheckpointStore store = CheckpointStore.open(folder, 2)) {
      CheckpointFolder latest = store.latest().orElseThrow();
      assertEquals(1, latest.state().step());
      try (TensorSource model = TensorSource.open(latest.model())) {
        for (TensorInfo info : model.tensors()) {
          for (float value : model.floats(info.name())) {
            assertTrue(Float.isFinite(value), info.name());
          }
        }
      }
    }
  }

  @Test
  void namesTheParameter() {
    assertNamed("model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight");
  }

  @Test
  void namesWhatComesFirst() {
    // Finite, but its product with the hidden state is not.
    try (TrainingProgram program = Runs.program(BATCH, DATA.length())) {
      program.program().initialize(Runs.SEED);
      fill(program, "model.layers.0.mlp.up_proj.weight", Float.MAX_VALUE);
      String named = firstNotFinite(program);
      assertTrue(named.startsWith("linear"), named);
    }
  }

  @Test
  void nothingWhereAllIsFinite() {
    try (TrainingProgram program = Runs.program(BATCH, DATA.length())) {
      program.program().initialize(Runs.SEED);
      assertEquals("", firstNotFinite(program));
    }
  }

  private static void assertNamed(String expected, String parameter) {
    try (TrainingProgram program = Runs.program(BATCH, DATA.length())) {
      program.program().initialize(Runs.SEED);
      fill(program, parameter, Float.NaN);
      assertEquals(expected, firstNotFinite(program));
    }
  }

  private static String firstNotFinite(TrainingProgram program) {
    int[] ids = new int[BATCH * DATA.length()];
    int[] labels = new int[ids.length];
    return program.firstNotFinite(ids, labels, labels.length, 1, 0, 0).orElse("");
  }

  private static void fill(TrainingProgram program, String name, float value) {
    Parameter parameter = Objects.requireNonNull(program.program().variables().findParameter(name));
    float[] values = program.program().read(parameter.value());
    java.util.Arrays.fill(values, value);
    program.program().write(parameter.value(), values);
  }
}
