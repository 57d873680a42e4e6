package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.models.ModelTypes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// From the command line, every mixer trains and then generates.
class EveryMixerTest {
  @TempDir private Path folder;

  static List<String> patterns() {
    return Stream.concat(
            ModelTypes.mixers().stream(),
            Stream.of("gated_deltanet,attention", "mamba,gla", "baseconv,gated_attention"))
        .toList();
  }

  private void trainsAndGenerates(String pattern, String... more) {
    Path run = folder.resolve("run");
    List<String> options =
        new ArrayList<>(List.of("--mixer", pattern, "--layers", "2", "--steps", "2", "--quiet"));
    options.addAll(List.of(more));
    CommandRun trained = CommandRun.of(Tiny.train(run, options.toArray(String[]::new)));
    assertEquals(0, trained.code(), trained.errors());
    CommandRun generated =
        CommandRun.of(
            "generate", "--checkpoint", run.toString(), "--prompt-ids", "1,2,3", "--tokens", "4");
    assertEquals(0, generated.code(), generated.errors());
    String[] ids = generated.output().strip().split(",");
    assertEquals(4, ids.length, generated.output());
    assertTrue(Stream.of(ids).mapToInt(Integer::parseInt).allMatch(id -> id >= 0 && id < 16));
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void trainsAndGenerates(String pattern) {
    trainsAndGenerates(pattern, new String[0]);
  }

  @Test
  void withoutConvolutionsWhereThereCanBeNone() {
    trainsAndGenerates("mamba,mamba2", "--conv", "0");
  }

  @Test
  void resumedAtItsEndSaysTheSameAgain() {
    String[] steps = {"--steps", "2", "--quiet", "--json"};
    CommandRun first = CommandRun.of(Tiny.train(folder.resolve("run"), steps));
    String[] more = {"--steps", "2", "--quiet", "--json", "--resume"};
    CommandRun again = CommandRun.of(Tiny.train(folder.resolve("run"), more));
    assertEquals(0, again.code(), again.errors());
    assertEquals(first.output(), again.output());
  }

  @Test
  void helpNamesThemAll() {
    String help = CommandRun.of("train", "--help").output().replaceAll("\\s+", " ");
    ModelTypes.mixers().forEach(mixer -> assertTrue(help.contains(mixer), mixer));
  }
}
