package dev.sluice.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
  @TempDir Path run;

  private Path checkpoints;

  @BeforeEach
  void setUp() {
    checkpoints = run.resolve("checkpoints");
  }

  @Test
  void stateSurvivesTheFile() {
    SequencedMap<String, Object> options = new LinkedHashMap<>();
    options.put("batch", 8);
    options.put("lr", 1e-3);
    options.put("schedule", "cosine");
    TrainerState state =
        new TrainerState(
            7,
            1L << 40,
            Long.MIN_VALUE,
            99,
            0.1 + 0.2,
            1e-17,
            "text crc32c=0",
            JsonObject.of("options", options));
    Path file = run.resolve("trainer.json");
    state.store(file);
    assertEquals(state, TrainerState.load(file));
    state(3, Double.NaN).store(file);
    assertEquals(state(3, Double.NaN), TrainerState.load(file));
  }

  @Test
  void stateNamesWhatIsWrong() throws IOException {
    Path file = run.resolve("trainer.json");
    Files.writeString(file, "{\n\"step\": -1}");
    assertEquals(
        file + ":2: step: -1 must not be negative; use another checkpoint",
        assertThrows(CheckpointException.class, () -> TrainerState.load(file)).getMessage());
    Files.writeString(file, "{\n\"stop\": 1}");
    assertEquals(
        file + ":2: stop: unknown key; did you mean step?",
        assertThrows(CheckpointException.class, () -> TrainerState.load(file)).getMessage());
  }

  @Test
  void keepsTheLastAndTheBest() {
    try (CheckpointStore store = CheckpointStore.open(run, 2)) {
      assertEquals(Optional.empty(), store.latest());
      save(store, 1, 3.0);
      assertEquals(List.of("step-000001"), names(store));
      save(store, 2, 1.0);
      save(store, 3, 2.0);
      save(store, 4, Double.NaN);
      save(store, 5, 1.5);
      save(store, 1_000_000, 1.0);
      assertEquals(List.of("step-000002", "step-000005", "step-1000000"), names(store));
      assertEquals(checkpoints.resolve("step-1000000"), store.latest().orElseThrow().path());
      assertEquals(checkpoints.resolve("step-000002"), store.best().orElseThrow().path());
      assertEquals(state(5, 1.5), store.all().get(1).state());
      store.discardAfter(4);
      assertEquals(List.of("step-000002"), names(store));
      assertEquals(List.of(".lock", "step-000002"), entries());
    }
  }

  @Test
  void damagedOneEndsNoRun() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 1)) {
      save(store, 1, 1.0);
      Files.writeString(store.latest().orElseThrow().trainer(), "{");
      save(store, 2, 2.0);
      save(store, 3, 3.0);
      assertEquals(List.of("step-000001", "step-000002", "step-000003"), names(store));
      assertEquals(checkpoints.resolve("step-000002"), store.best().orElseThrow().path());
    }
  }

  @Test
  void sameStepIsReplaced() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 2)) {
      save(store, 1, 3.0);
      store.save(state(1, 2.0), into -> Files.writeString(into.config(), "new"));
      assertEquals(List.of(".lock", "step-000001"), entries());
      assertEquals("new", Files.readString(store.latest().orElseThrow().config()));
      assertEquals(2.0, store.latest().orElseThrow().state().heldOutLoss());
    }
  }

  @Test
  void leftoversOfAKilledRunAreRemoved() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 2)) {
      save(store, 1, 3.0);
      save(store, 2, 3.0);
    }
    Path half = Files.createDirectory(checkpoints.resolve("step-000003.tmp"));
    Files.writeString(half.resolve("model.safetensors"), "half");
    Files.move(checkpoints.resolve("step-000002"), checkpoints.resolve("step-000002.old"));
    assertEquals(
        checkpoints.resolve("step-000001"),
        CheckpointFolder.locate(run).path(),
        "readers ignore them");
    try (CheckpointStore store = CheckpointStore.open(run, 2)) {
      assertEquals(List.of("step-000001", "step-000002"), names(store));
      assertEquals(List.of(".lock", "step-000001", "step-000002"), entries());
    }
    Files.createDirectory(checkpoints.resolve("step-000002.old"));
    CheckpointStore.open(run, 2).close();
    assertEquals(List.of(".lock", "step-000001", "step-000002"), entries());
  }

  @Test
  void failureLosesNothing() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 2)) {
      CheckpointException first =
          assertThrows(
              CheckpointException.class,
              () ->
                  store.save(
                      state(1, 1),
                      _ -> {
                        throw new IOException("No space left on device");
                      }));
      assertEquals(
          checkpoints.resolve("step-000001")
              + ": cannot be written: No space left on device; free some space or choose another"
              + " disk; there is no checkpoint yet",
          first.getMessage());
      save(store, 1, 3.0);
      assertThrows(
          IllegalStateException.class,
          () ->
              store.save(
                  state(1, 1),
                  into -> {
                    Files.writeString(into.config(), "half");
                    throw new IllegalStateException("a bug");
                  }));
      assertEquals(List.of(".lock", "step-000001"), entries());
      assertEquals("{}", Files.readString(store.latest().orElseThrow().config()));
      assertEquals(state(1, 3.0), store.latest().orElseThrow().state());
    }
  }

  static boolean hasFullDevice() {
    return Files.isWritable(Path.of("/dev/full"));
  }

  @Test
  @EnabledIf("hasFullDevice")
  void fullDiskIsOneClearError() {
    try (CheckpointStore store = CheckpointStore.open(run, 2)) {
      save(store, 1, 3.0);
      CheckpointException refused =
          assertThrows(
              CheckpointException.class,
              () ->
                  store.save(
                      state(2, 1),
                      into -> {
                        Files.createSymbolicLink(into.model(), Path.of("/dev/full"));
                        SafetensorsWriter.create(into.model(), Map.of(), List.of()).close();
                      }));
      assertEquals(
          checkpoints.resolve("step-000002.tmp/model.safetensors")
              + ": cannot be written: No space left on device; free some space or choose another"
              + " disk; nothing is lost: the last checkpoint is "
              + checkpoints.resolve("step-000001"),
          refused.getMessage());
      assertEquals(List.of(".lock", "step-000001"), entries());
    }
  }

  @Test
  void oneProcessOwnsTheFolder() {
    try (CheckpointStore _ = CheckpointStore.open(run, 2)) {
      assertEquals(
          run + ": another process trains there; wait for it or choose another folder",
          assertThrows(CheckpointException.class, () -> CheckpointStore.open(run, 2)).getMessage());
    }
    CheckpointStore.open(run, 2).close();
  }

  @Test
  void unusableFoldersAreRefused() throws IOException {
    Path file = Files.writeString(run.resolve("file"), "");
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> CheckpointStore.open(file, 2));
    assertTrue(refused.getMessage().startsWith(file + ": cannot be written: "));
    assertThrows(CheckpointException.class, () -> CheckpointStore.open(run, 0));
  }

  @Test
  void locateFindsTheFolderThatIsMeant() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 9)) {
      save(store, 1, 1.0);
      save(store, 2, 2.0);
    }
    Path second = checkpoints.resolve("step-000002");
    assertEquals(second, CheckpointFolder.locate(run).path());
    assertEquals(second, CheckpointFolder.locate(second).path());
    Path foreign = Files.createDirectory(run.resolve("foreign"));
    assertEquals(
        foreign
            + ": has neither config.json nor a finished checkpoint in checkpoints; give the folder"
            + " of a checkpoint or of a run",
        assertThrows(CheckpointException.class, () -> CheckpointFolder.locate(foreign))
            .getMessage());
    Path config = Files.writeString(foreign.resolve("config.json"), "{}");
    CheckpointFolder model = CheckpointFolder.locate(foreign);
    assertEquals(foreign, model.path());
    assertTrue(
        assertThrows(CheckpointException.class, model::state)
            .getMessage()
            .contains("no run can be resumed from it"));
    assertThrows(CheckpointException.class, () -> CheckpointFolder.locate(config));
    assertThrows(CheckpointException.class, () -> CheckpointFolder.locate(run.resolve("absent")));
  }

  private static TrainerState state(long step, double heldOutLoss) {
    return new TrainerState(
        step,
        2 * step,
        5,
        64 * step,
        heldOutLoss,
        Double.POSITIVE_INFINITY,
        "mqar",
        JsonObject.of("options", new LinkedHashMap<>()));
  }

  private static void save(CheckpointStore store, long step, double heldOutLoss) {
    CheckpointFolder saved =
        store.save(
            state(step, heldOutLoss),
            into -> {
              assertFalse(Files.exists(into.trainer()));
              Files.writeString(into.config(), "{}");
            });
    assertTrue(Files.exists(saved.config()));
  }

  private static List<String> names(CheckpointStore store) {
    return store.all().stream().map(folder -> folder.path().getFileName().toString()).toList();
  }

  private List<String> entries() {
    try (Stream<Path> inside = Files.list(checkpoints)) {
      return inside.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
