package dev.sluice.cli.conform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Model folders that agree, and folders that do not or cannot be told.
class ModelConformanceTest {
  private static final int FAILED = 1;
  private static final int UNKNOWN = 2;

  @TempDir private Path folder;

  private static CommandRun conform(Path path) {
    return CommandRun.of("conform", path.toString());
  }

  private static void assertFailed(Path path, String tensor) {
    CommandRun run = conform(path);
    assertEquals(FAILED, run.code(), run.output() + run.errors());
    assertTrue(
        run.output().lines().anyMatch(l -> l.startsWith("FAILED") && l.contains(tensor)),
        run.output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gla", "gated_deltanet,attention", "mamba,gla"})
  void modelsOfAnyPattern(String pattern) throws IOException {
    CommandRun run = conform(new ModelFolders(folder, pattern).write());
    assertEquals(0, run.code(), run.output() + run.errors());
    for (String tensor : new String[] {"logits", "loss", "grad.lm_head.weight"}) {
      assertTrue(run.output().contains(" " + tensor + " "), run.output());
    }
  }

  @Test
  void wrongNumbersFail() throws IOException {
    assertFailed(new ModelFolders(folder, "gla").with(ModelFolders.LOGITS, 5, 1).write(), "logits");
  }

  @Test
  void gradientOfNothingFails() throws IOException {
    ModelFolders files = new ModelFolders(folder, "gla");
    assertFailed(files.expect("grad.model.queen", new float[1], 1).write(), "grad.model.queen");
  }

  @Test
  void unknownTypeIsNamed() throws IOException {
    Path path = new ModelFolders(folder, "gla").write();
    Path config = path.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"gla\"", "\"glaa\""));
    CommandRun run = conform(path);
    assertEquals(UNKNOWN, run.code(), run.output() + run.errors());
    run.assertSays("'glaa'", "did you mean gla?");
  }

  @Test
  void filesMadeElsewhere() {
    Path shared = null;
    for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
      Path candidate = up.resolve("shared/conformance/models");
      if (Files.isDirectory(candidate)) {
        shared = candidate;
        break;
      }
    }
    Assumptions.assumeTrue(shared != null, "no conformance files beside the repository");
    CommandRun run = conform(shared);
    assertEquals(0, run.code(), run.output() + run.errors());
  }
}
