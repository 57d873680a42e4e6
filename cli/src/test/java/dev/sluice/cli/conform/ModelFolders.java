package dev.sluice.cli.conform;

import dev.sluice.checkpoint.CheckpointFolder;
import dev.sluice.checkpoint.ElementType;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.ModelFiles;
import dev.sluice.checkpoint.SafetensorsWriter;
import dev.sluice.checkpoint.TensorInfo;
import dev.sluice.data.Dataset;
import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.MixerPattern;
import dev.sluice.models.MixerSizes;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Writes folders of small models with what `conform` expects of them: its own numbers, so that
/// what is tested is the reading of the files and the telling of differences.
final class ModelFolders {
  static final String LOGITS = "logits";
  static final String LOSS = "loss";
  static final String GRADIENT = "grad.";

  private static final int VOCABULARY = 13;
  private static final int WIDTH = 8;
  private static final int BATCH = 2;
  private static final int LENGTH = 20;
  private static final String SHARD = "model-00001-of-00001.safetensors";

  private final Path folder;
  private final int[] ids = new int[BATCH * LENGTH];
  private final SequencedMap<String, float[]> expected = new LinkedHashMap<>();
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  /// Writes `config.json`, `sluice.json` if it is needed, and the parameters as a shard.
  ModelFolders(Path folder, String pattern) throws IOException {
    this.folder = folder;
    MixerSizes sizes = new MixerSizes(WIDTH, 2, 3, LENGTH);
    ModelConfig config =
        ModelConfig.of(VOCABULARY, WIDTH, MixerPattern.parse(pattern).mixers(sizes, 2));
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i * 7 % VOCABULARY;
    }
    Device device = Devices.preferred();
    Variables variables = new Variables();
    Graph graph = new Graph("model", device, variables, Choices.automatic());
    LanguageModel model = new LanguageModel(config);
    Shape shape = Shape.of(BATCH, LENGTH);
    Tensor in = graph.input("ids", shape, dev.sluice.tasks.graph.ElementType.INT32);
    Tensor labels = graph.input("labels", shape, dev.sluice.tasks.graph.ElementType.INT32);
    Tensor scale = graph.input("scale", Shape.of(1), dev.sluice.tasks.graph.ElementType.FLOAT32);
    Tensor one = graph.input("one", Shape.of(1), dev.sluice.tasks.graph.ElementType.FLOAT32);
    Tensor logits = graph.output(model.logits(graph, in, SequenceContext.whole()));
    Tensor loss = graph.output(model.loss(graph, in, labels, scale, SequenceContext.whole()));
    graph.backward(Map.of(loss, one));
    try (Program program = Program.of(device, variables, List.of(graph))) {
      program.initialize(3);
      program.write(in, ids);
      program.write(labels, next());
      program.write(scale, 1f / (BATCH * (LENGTH - 1)));
      program.write(one, 1f);
      program.run(graph.name());
      expect(LOGITS, program.read(logits), BATCH, LENGTH, VOCABULARY);
      expect(LOSS, program.read(loss), 1);
      for (Parameter parameter : variables.parameters()) {
        float[] gradient = program.read(parameter.gradient());
        expect(GRADIENT + parameter.name(), gradient, gradient.length);
      }
      CheckpointFolder files = new CheckpointFolder(folder);
      ModelFiles.write(files, config, program);
      Files.move(files.model(), folder.resolve(SHARD));
      SequencedMap<String, Object> map = new LinkedHashMap<>();
      variables.parameters().forEach(p -> map.put(p.name(), SHARD));
      SequencedMap<String, Object> index = new LinkedHashMap<>();
      index.put("weight_map", map);
      JsonFiles.store(folder.resolve("model.safetensors.index.json"), index);
    }
  }

  private int[] next() {
    int[] labels = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      labels[i] = (i + 1) % LENGTH == 0 ? Dataset.IGNORED : ids[i + 1];
    }
    return labels;
  }

  /// Expects a tensor.
  ModelFolders expect(String name, float[] values, long... shape) {
    expected.put(name, values);
    shapes.put(name, java.util.Arrays.stream(shape).boxed().toList());
    return this;
  }

  /// Expects another element.
  ModelFolders with(String name, int at, float value) {
    expected.get(name)[at] = value;
    return this;
  }

  /// Writes `expected.safetensors`.
  Path write() {
    List<TensorInfo> infos = new ArrayList<>();
    infos.add(new TensorInfo("ids", ElementType.I32, List.of((long) BATCH, (long) LENGTH)));
    expected.keySet().forEach(n -> infos.add(new TensorInfo(n, ElementType.F32, shapes.get(n))));
    Path path = folder.resolve("expected.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, Map.of(), infos)) {
      writer.write("ids", ids, 0);
      expected.forEach((name, values) -> writer.write(name, values, 0));
      writer.finish();
    }
    return folder;
  }
}
