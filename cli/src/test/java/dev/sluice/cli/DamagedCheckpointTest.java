package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `train --resume`, `eval` and `generate` of a run whose latest checkpoint is damaged: one line,
/// which says which earlier one to go on from, and what to do for that.
class DamagedCheckpointTest {
  private static final List<String> FILES =
      List.of("config.json", "trainer.json", "model.safetensors", "optimizer.safetensors");

  @TempDir private Path folder;

  private Path run;
  private Path third;
  private Path fourth;

  @BeforeEach
  void train() {
    run = folder.resolve("run");
    third = run.resolve("checkpoints/step-000003");
    fourth = run.resolve("checkpoints/step-000004");
    CommandRun whole = CommandRun.of(arguments());
    assertEquals(0, whole.code(), whole.errors());
  }

  private String[] arguments(String... more) {
    Stream<String> fixed = Stream.of("--steps", "4", "--save-every", "1", "--quiet");
    return Tiny.train(run, Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
  }

  private CommandRun resume() {
    return CommandRun.of(arguments("--resume"));
  }

  private static void cut(Path file) throws IOException {
    byte[] all = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(all, all.length - 5));
  }

  @Test
  void earlierOneIsNamed() throws IOException {
    for (String name : FILES) {
      Path file = fourth.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      cut(file);
      CommandRun cut = resume();
      cut.assertFails(file.toString(), third + " is whole: remove " + fourth + ",");
      assertFalse(cut.errors().contains("Source:"), cut.errors());
      Files.delete(file);
      resume().assertFails(name, third + " is whole: remove " + fourth + ",");
      Files.write(file, whole);
    }
    CommandRun again = resume();
    assertEquals(0, again.code(), again.errors());
  }

  @Test
  void whatIsAdvisedWorks() throws IOException {
    byte[] before = Files.readAllBytes(fourth.resolve("model.safetensors"));
    cut(fourth.resolve("model.safetensors"));
    resume().assertFails("--resume goes on from it");
    Files.move(fourth, folder.resolve("aside"), StandardCopyOption.ATOMIC_MOVE);
    CommandRun resumed = resume();
    assertEquals(0, resumed.code(), resumed.errors());
    assertTrue(
        Arrays.equals(before, Files.readAllBytes(fourth.resolve("model.safetensors"))),
        "the step that was repeated has other numbers");
  }

  @Test
  void noneIsAdvisedThatIsDamagedToo() throws IOException {
    cut(fourth.resolve("trainer.json"));
    cut(third.resolve("optimizer.safetensors"));
    resume().assertFails("trainer.json", "no other checkpoint that is whole", "leave --resume out");
    CommandRun anew = CommandRun.of(arguments());
    assertEquals(0, anew.code(), anew.errors());
  }

  @Test
  void allThatStandInTheWayAreNamed() throws IOException {
    Path second = run.resolve("checkpoints/step-000002");
    Files.move(third, folder.resolve("aside"), StandardCopyOption.ATOMIC_MOVE);
    Files.createDirectory(second);
    for (String name : FILES) {
      Files.copy(folder.resolve("aside").resolve(name), second.resolve(name));
    }
    Files.createDirectory(third);
    cut(fourth.resolve("config.json"));
    resume().assertFails(second + " is whole: remove " + fourth + " and " + third + ",");
  }

  private CommandRun generate(Path checkpoint) {
    return CommandRun.of(
        "generate", "--checkpoint", checkpoint.toString(), "--prompt-ids", "3,5", "--tokens", "1");
  }

  private CommandRun eval(Path checkpoint) {
    return CommandRun.of("eval", "--task", "mqar", "--checkpoint", checkpoint.toString());
  }

  @Test
  void aModelIsTakenFromTheEarlierOneThatIsNamed() throws IOException {
    for (String name : List.of("config.json", "model.safetensors")) {
      Path file = fourth.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      cut(file);
      String advice = "an earlier one of the run can be read: --checkpoint " + third;
      generate(run).assertFails(file.toString(), advice);
      eval(run).assertFails(file.toString(), advice);
      assertFalse(generate(fourth).errors().contains("earlier"), "of a checkpoint by its own name");
      Files.write(file, whole);
    }
    assertEquals(0, generate(third).code());
    assertEquals(0, eval(third).code());
  }

  @Test
  void noModelIsAdvisedThatIsDamagedToo() throws IOException {
    cut(fourth.resolve("model.safetensors"));
    cut(third.resolve("model.safetensors"));
    CommandRun generated = generate(run);
    generated.assertFails("model.safetensors");
    assertFalse(generated.errors().contains("earlier"), generated.errors());
  }
}
