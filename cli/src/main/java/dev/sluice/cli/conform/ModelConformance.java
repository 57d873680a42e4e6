package dev.sluice.cli.conform;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.ModelFiles;
import dev.sluice.checkpoint.TensorInfo;
import dev.sluice.checkpoint.TensorSource;
import dev.sluice.data.Dataset;
import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.ModelTypes;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.names.NearestName;
import dev.sluice.training.Generator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Loads a model folder and compares logits, loss, gradients and greedy generation.
final class ModelConformance {
  private static final double LOGITS = 1e-3;
  private static final double LONG_LOGITS = 5e-3;
  private static final double GRADIENT = 1e-2;
  private static final String MODEL = "model";
  private static final String GRADIENT_PREFIX = "grad.";
  private static final String LOSS = "loss";
  private static final String GENERATED = "generated";
  private static final int PROMPT = 16;

  private ModelConformance() {}

  static List<Comparison> check(Path folder, Device device, Choices choices) {
    Path configPath = folder.resolve("config.json");
    String type = JsonFiles.load(configPath).text("model_type", "");
    if (!ModelTypes.names().contains(type)) {
      throw new UnknownKindException(
          "%s: model type '%s' is unknown%s"
              .formatted(configPath, type, NearestName.hint(type, ModelTypes.names())));
    }
    ModelConfig config = ModelFiles.config(configPath);
    List<Comparison> made = new ArrayList<>();
    try (TensorSource expected = TensorSource.open(folder.resolve("expected.safetensors"))) {
      String lossOf = expected.metadata().getOrDefault("loss_of", "ids");
      String gradientOf = expected.metadata().getOrDefault("grad_of", lossOf);
      for (String ids : List.of("ids", "ids_long")) {
        if (expected.find(ids).isPresent()) {
          new Run(config, folder, expected, ids, device, choices)
              .compare(made, ids.equals(lossOf), ids.equals(gradientOf));
        }
      }
      if (expected.find(GENERATED).isPresent()) {
        made.add(generation(config, folder, expected, device, choices));
      }
    }
    return made;
  }

  private record Run(
      ModelConfig config,
      Path folder,
      TensorSource expected,
      String ids,
      Device device,
      Choices choices) {
    void compare(List<Comparison> made, boolean withLoss, boolean withGradients) {
      TensorInfo info = expected.info(ids);
      int batch = (int) (long) info.shape().get(0);
      int length = (int) (long) info.shape().get(1);
      LanguageModel model = new LanguageModel(config);
      Variables variables = new Variables();
      Graph graph = new Graph(MODEL, device, variables, choices);
      Shape shape = Shape.of(batch, length);
      Tensor in = graph.input("ids", shape, ElementType.INT32);
      Tensor labels = graph.input("labels", shape, ElementType.INT32);
      Tensor scale = graph.input("label_scale", Shape.of(1), ElementType.FLOAT32);
      Tensor one = graph.input("loss_gradient", Shape.of(1), ElementType.FLOAT32);
      Tensor logits = graph.output(model.logits(graph, in, SequenceContext.whole()));
      Tensor loss = graph.output(model.loss(graph, in, labels, scale, SequenceContext.whole()));
      graph.backward(Map.of(loss, one));
      try (Program program = Program.of(device, variables, List.of(graph))) {
        ModelFiles.readParameters(folder, program);
        program.poison();
        int[] tokens = expected.ints(ids);
        program.write(in, tokens);
        program.write(labels, next(tokens, length));
        program.write(scale, 1f / (batch * (length - 1)));
        program.write(one, 1f);
        program.run(graph.name());
        String name = ids.replace("ids", "logits");
        double tolerance = ids.equals("ids") ? LOGITS : LONG_LOGITS;
        made.add(compared(name, program.read(logits), expected.floats(name), tolerance));
        if (withLoss && expected.find(LOSS).isPresent()) {
          made.add(compared(LOSS, program.read(loss), expected.floats(LOSS), LOGITS));
        }
        if (withGradients) {
          gradients(made, program);
        }
      }
    }

    private void gradients(List<Comparison> made, Program program) {
      for (TensorInfo info : expected.tensors()) {
        String key = info.name();
        if (key.startsWith(GRADIENT_PREFIX)) {
          String name = key.substring(GRADIENT_PREFIX.length());
          Parameter parameter = program.variables().findParameter(name);
          made.add(
              parameter == null
                  ? Comparison.failed(config.typeName(), MODEL, key + ": no such parameter")
                  : compared(
                      key, program.read(parameter.gradient()), expected.floats(key), GRADIENT));
        }
      }
    }

    private Comparison compared(String name, float[] ours, float[] theirs, double tolerance) {
      return Comparison.of(config.typeName(), MODEL, name, ours, theirs, tolerance);
    }

    private static int[] next(int[] tokens, int length) {
      int[] labels = new int[tokens.length];
      for (int i = 0; i < tokens.length; i++) {
        labels[i] = (i + 1) % length == 0 ? Dataset.IGNORED : tokens[i + 1];
      }
      return labels;
    }
  }

  private static Comparison generation(
      ModelConfig config, Path folder, TensorSource expected, Device device, Choices choices) {
    int[] theirs = expected.ints(GENERATED);
    int[] ours = Arrays.copyOf(theirs, PROMPT);
    try (Generator generator = new Generator(new LanguageModel(config), device, choices)) {
      ModelFiles.readParameters(folder, generator.program());
      float[] logits = generator.read(ours);
      ours = Arrays.copyOf(ours, theirs.length);
      for (int i = PROMPT; i < ours.length; i++) {
        ours[i] = Generator.draw(logits, Generator.Sampling.greedy(), i);
        logits = generator.read(ours[i]);
      }
    }
    double different = Arrays.equals(ours, theirs) ? 0 : 1;
    return new Comparison(config.typeName(), MODEL, GENERATED, different, 0);
  }
}
