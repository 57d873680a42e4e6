package dev.sluice.cli.conform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.checkpoint.CheckpointFolder;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.ModelFiles;
import dev.sluice.checkpoint.SafetensorsFile;
import dev.sluice.checkpoint.TensorInfo;
import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is written of a model that flash-linear-attention wrote is what it wrote: the same tensors,
/// and no key of the configuration with another meaning.
class PeerFormatTest {
  /// Keys that say how a file was made, and the length to generate within, which its Mamba does not
  /// ask for.
  private static final List<String> WITHOUT_MEANING =
      List.of("dtype", "torch_dtype", "max_position_embeddings");

  /// A key that may be null in its files, which means the value of the other.
  private static final Map<String, String> LIKE = Map.of("num_kv_heads", "num_heads");

  @TempDir private Path written;

  static List<String> types() throws Exception {
    return PeerModelsTest.types();
  }

  private static Path peers(String type) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(PeerFormatTest.class.getResource("models/" + type)).toURI());
  }

  private CheckpointFolder writeAgain(Path from) {
    ModelConfig config = ModelFiles.config(from.resolve("config.json"));
    Device device = Devices.preferred();
    Variables variables = new Variables();
    Graph graph = new Graph("model", device, variables, Choices.automatic());
    Tensor ids = graph.input("ids", Shape.of(1, 2), ElementType.INT32);
    graph.output(new LanguageModel(config).logits(graph, ids, SequenceContext.whole()));
    CheckpointFolder into = new CheckpointFolder(written);
    try (Program program = Program.of(device, variables, List.of(graph))) {
      ModelFiles.readParameters(from, program);
      ModelFiles.write(into, config, program);
    }
    return into;
  }

  private static Map<String, List<Long>> shapes(SafetensorsFile file) {
    return file.tensors().stream().collect(Collectors.toMap(TensorInfo::name, TensorInfo::shape));
  }

  private static float[] values(SafetensorsFile file, TensorInfo info) {
    float[] values =
        new float
            [(int) info.shape().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b)];
    file.read(info.name(), values, 0);
    return values;
  }

  @ParameterizedTest
  @MethodSource("types")
  void tensorsAreTheSame(String type) throws URISyntaxException {
    Path from = peers(type);
    CheckpointFolder into = writeAgain(from);
    try (SafetensorsFile theirs = SafetensorsFile.open(from.resolve("model.safetensors"));
        SafetensorsFile ours = SafetensorsFile.open(into.model())) {
      assertEquals(shapes(theirs), shapes(ours));
      for (TensorInfo info : theirs.tensors()) {
        assertArrayEquals(values(theirs, info), values(ours, info), info.name());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void configurationIsTheSame(String type) throws URISyntaxException {
    Path from = peers(type);
    CheckpointFolder into = writeAgain(from);
    Map<String, ?> theirs = JsonFiles.load(from.resolve("config.json")).toMap();
    JsonFiles.load(into.config())
        .toMap()
        .forEach((key, value) -> {
          if (!WITHOUT_MEANING.contains(key)) {
            Object meant = theirs.get(key);
            if (meant == null && LIKE.containsKey(key)) {
              meant = theirs.get(LIKE.get(key));
            }
            assertEquals(comparable(meant), comparable(value), key);
          }
        });
    assertFalse(Files.exists(into.sluice()), "a file that only Sluice reads");
  }

  private static Object comparable(@Nullable Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case List<?> list -> list.stream().map(PeerFormatTest::comparable).toList();
      case null, default -> String.valueOf(value);
    };
  }
}
