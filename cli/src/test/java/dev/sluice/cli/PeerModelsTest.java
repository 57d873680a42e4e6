package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A small checkpoint of every type that flash-linear-attention has too, with its numbers.
class PeerModelsTest {
  /// Loss, logits of a short and of a long input, a greedy continuation.
  private static final int WITHOUT_GRADIENTS = 4;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "delta_net",
        "gated_deltanet",
        "gla",
        "hgrn",
        "hgrn2",
        "mamba",
        "mamba2",
        "retnet",
        "transformer"
      })
  void agreesWithFlashLinearAttention(String type) throws URISyntaxException {
    URL folder = PeerModelsTest.class.getResource("models/" + type);
    Path path = Path.of(Optional.ofNullable(folder).orElseThrow().toURI());
    List<Comparison> made = ModelConformance.check(path, Devices.preferred(), Choices.automatic());
    assertEquals(List.of(), made.stream().filter(c -> !c.agrees()).toList());
    assertTrue(made.size() > WITHOUT_GRADIENTS + 3, made.toString());
  }
}
