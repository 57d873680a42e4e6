package dev.sluice.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Reads the files that others wrote, where they are beside the repository.
class SharedFilesTest {
  @Test
  void everyTensorCanBeRead() throws IOException {
    for (Path file : files(".safetensors")) {
      try (TensorSource source = TensorSource.open(file)) {
        for (TensorInfo tensor : source.tensors()) {
          if (tensor.type().kind() == ElementType.Kind.INTEGER) {
            assertEquals(tensor.elements(), source.ints(tensor.name()).length);
          } else {
            for (float element : source.floats(tensor.name())) {
              assertTrue(Float.isFinite(element), file + " " + tensor.name());
            }
          }
        }
      }
    }
  }

  @Test
  void everyConfigurationCanBeRead() throws IOException {
    for (Path file : files("config.json")) {
      JsonObject config = JsonFiles.load(file);
      assertTrue(config.has("model_type"), file.toString());
      assertEquals(config, JsonObject.of("again", config.toMap()));
    }
  }

  private static List<Path> files(String suffix) throws IOException {
    Path shared = null;
    for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
      Path candidate = up.resolve("shared/conformance");
      if (Files.isDirectory(candidate)) {
        shared = candidate;
        break;
      }
    }
    Assumptions.assumeTrue(shared != null, "no conformance files beside the repository");
    try (Stream<Path> all = Files.walk(shared)) {
      return all.filter(path -> path.toString().endsWith(suffix)).toList();
    }
  }
}
