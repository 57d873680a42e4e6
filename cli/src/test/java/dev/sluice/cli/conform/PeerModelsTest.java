package dev.sluice.cli.conform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A small checkpoint of every type that flash-linear-attention has too, with its numbers.
class PeerModelsTest {
  /// Loss, logits of a short and of a long input, a greedy continuation.
  private static final int WITHOUT_GRADIENTS = 4;

  static List<String> types() throws IOException, URISyntaxException {
    try (Stream<Path> folders = Files.list(folder("models"))) {
      return folders
          .filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static Path folder(String name) throws URISyntaxException {
    URL found = PeerModelsTest.class.getResource(name);
    return Path.of(Optional.ofNullable(found).orElseThrow().toURI());
  }

  @ParameterizedTest
  @MethodSource("types")
  void agreesWithFlashLinearAttention(String type) throws URISyntaxException {
    List<Comparison> made =
        ModelConformance.check(folder("models/" + type), Devices.preferred(), Choices.automatic());
    assertTrue(made.stream().allMatch(c -> c.what().equals(type)), made.toString());
    assertEquals(List.of(), made.stream().filter(c -> !c.agrees()).toList());
    assertTrue(made.size() > WITHOUT_GRADIENTS + 3, made.toString());
  }
}
