package dev.sluice.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.SmallModels;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.training.Generator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files of models whose head is tied to the embeddings, as others write them.
class TiedHeadTest {
  @TempDir private Path folder;

  private static Generator generator(String mixer) {
    ModelConfig config = SmallModels.tied(SmallModels.of(mixer, 7, 4, 1, 0.1));
    return new Generator(new LanguageModel(config), Devices.preferred(), Choices.automatic());
  }

  private static Parameter embeddings(Program program) {
    return program.variables().parameters().stream()
        .filter(parameter -> parameter.name().endsWith(LanguageModel.EMBEDDINGS))
        .findFirst()
        .orElseThrow();
  }

  /// Writes the parameters of a program with a head besides.
  ///
  /// @param change added to the head's last number
  /// @param both whether the embeddings are written too
  private Path write(Program program, float change, boolean both) {
    Map<String, float[]> values = new LinkedHashMap<>();
    List<TensorInfo> infos = new ArrayList<>();
    for (Parameter parameter : program.variables().parameters()) {
      float[] numbers = program.read(parameter.value());
      long[] shape =
          java.util.Arrays.stream(parameter.value().shape().extents()).asLongStream().toArray();
      boolean table = parameter.name().endsWith(LanguageModel.EMBEDDINGS);
      if (both || !table) {
        infos.add(TensorInfo.of(parameter.name(), ElementType.F32, shape));
        values.put(parameter.name(), numbers);
      }
      if (table) {
        float[] head = numbers.clone();
        head[head.length - 1] += change;
        infos.add(TensorInfo.of(LanguageModel.HEAD, ElementType.F32, shape));
        values.put(LanguageModel.HEAD, head);
      }
    }
    Path path = folder.resolve("model.safetensors");
    try (var writer = SafetensorsWriter.create(path, Map.of(), infos)) {
      values.forEach((name, numbers) -> writer.write(name, numbers, 0));
      writer.finish();
    }
    return path;
  }

  @ParameterizedTest
  @ValueSource(strings = {"gla", "mamba"})
  void theHeadMayBeThereOrStandForTheEmbeddings(String mixer) {
    try (Generator first = generator(mixer);
        Generator second = generator(mixer)) {
      first.program().initialize(1);
      float[] expected = first.program().read(embeddings(first.program()).value());
      for (boolean both : new boolean[] {true, false}) {
        second.program().initialize(2);
        ModelFiles.readParameters(write(first.program(), 0, both), second.program());
        assertArrayEquals(
            expected, second.program().read(embeddings(second.program()).value()), 0f);
      }
    }
  }

  @Test
  void anotherHeadIsRefused() {
    try (Generator generator = generator("gla")) {
      generator.program().initialize(1);
      Path path = write(generator.program(), 1, true);
      String message =
          assertThrows(
                  CheckpointException.class,
                  () -> ModelFiles.readParameters(path, generator.program()))
              .getMessage();
      assertTrue(message.contains("'lm_head.weight'"), message);
      assertTrue(message.contains("'model.embeddings.weight'"), message);
      assertTrue(message.contains("tie_word_embeddings"), message);
    }
  }
}
