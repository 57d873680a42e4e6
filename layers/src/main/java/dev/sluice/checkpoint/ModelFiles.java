package dev.sluice.checkpoint;

import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.ModelException;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/// Models and optimizer states as files, with flash-linear-attention's names and shapes.
public final class ModelFiles {
  private ModelFiles() {}

  /// Reads a `config.json`, and the `sluice.json` beside it if there is one.
  ///
  /// @throws CheckpointException if it cannot be read or says something that is not implemented
  public static ModelConfig config(Path path) {
    JsonObject json = JsonFiles.load(path);
    Path own = path.resolveSibling(CheckpointFolder.SLUICE);
    Map<String, ?> ownKeys = Files.exists(own) ? JsonFiles.load(own).toMap() : Map.of();
    try {
      return ModelConfig.from(json.toMap(), ownKeys);
    } catch (ModelException e) {
      throw new CheckpointException(path + ": " + e.getMessage());
    }
  }

  /// Fills every parameter of `program` from a file. A head that is tied to the embeddings may be
  /// in the file beside them, with the same numbers, or in their stead.
  ///
  /// @throws CheckpointException if one is missing or has another shape, the file holds more, or a
  ///   tied head is not what the embeddings are
  public static void readParameters(Path path, Program program) {
    List<Tensor> tensors = program.variables().parameters().stream().map(Parameter::value).toList();
    try (TensorSource source = TensorSource.open(path)) {
      SequencedMap<String, Tensor> stored = new LinkedHashMap<>();
      tensors.forEach(tensor -> stored.put(tensor.name(), tensor));
      Set<String> besides = Set.of();
      if (!stored.containsKey(LanguageModel.HEAD) && source.find(LanguageModel.HEAD).isPresent()) {
        String embeddings = embeddings(tensors);
        if (source.find(embeddings).isEmpty()) {
          stored.put(LanguageModel.HEAD, stored.remove(embeddings));
        } else {
          requireSame(source, LanguageModel.HEAD, embeddings);
          besides = Set.of(LanguageModel.HEAD);
        }
      }
      read(source, stored, besides, program);
    }
  }

  private static String embeddings(Collection<Tensor> parameters) {
    return parameters.stream()
        .map(Tensor::name)
        .filter(name -> name.endsWith("." + LanguageModel.EMBEDDINGS))
        .findFirst()
        .orElseThrow();
  }

  private static void requireSame(TensorSource source, String head, String embeddings) {
    if (!Arrays.equals(source.floats(head), source.floats(embeddings))) {
      throw new CheckpointException(
          "%s: tensor '%s' differs from '%s', to which 'tie_word_embeddings' in config.json ties it; set that to false, or leave the tensor out"
              .formatted(source.path(), head, embeddings));
    }
  }

  /// Fills `tensors` of `program` from a file that holds these and no others.
  ///
  /// @throws CheckpointException if one is missing or has another shape, or the file holds more
  public static void read(Path path, Collection<Tensor> tensors, Program program) {
    try (TensorSource source = TensorSource.open(path)) {
      SequencedMap<String, Tensor> stored = new LinkedHashMap<>();
      tensors.forEach(tensor -> stored.put(tensor.name(), tensor));
      read(source, stored, Set.of(), program);
    }
  }

  /// Fills tensors by the names that the file has for them.
  ///
  /// @param besides names of what else the file may hold
  private static void read(
      TensorSource source, Map<String, Tensor> stored, Set<String> besides, Program program) {
    Set<String> unread = new HashSet<>();
    source.tensors().forEach(info -> unread.add(info.name()));
    unread.removeAll(besides);
    for (Map.Entry<String, Tensor> entry : stored.entrySet()) {
      String name = entry.getKey();
      List<Long> shape = longs(entry.getValue());
      List<Long> found = source.info(name).shape();
      if (!found.equals(shape)) {
        throw new CheckpointException(
            "%s: tensor '%s' has shape %s where the config asks for %s"
                .formatted(source.path(), name, found, shape));
      }
      program.write(entry.getValue(), source.floats(name));
      unread.remove(name);
    }
    if (!unread.isEmpty()) {
      throw new CheckpointException(
          "%s: tensor '%s' has no place in the model of config.json"
              .formatted(source.path(), unread.iterator().next()));
    }
  }

  /// Writes the configuration and the parameters of `program`.
  ///
  /// @throws CheckpointException if a file cannot be written
  public static void write(CheckpointFolder into, ModelConfig config, Program program) {
    JsonFiles.store(into.config(), config.toMap());
    SequencedMap<String, Object> own = config.toOwnMap();
    if (!own.isEmpty()) {
      JsonFiles.store(into.sluice(), own);
    }
    List<Tensor> tensors = program.variables().parameters().stream().map(Parameter::value).toList();
    write(into.model(), tensors, program);
  }

  /// Writes `tensors` of `program` as float32.
  ///
  /// @throws CheckpointException if the file cannot be written
  public static void write(Path path, Collection<Tensor> tensors, Program program) {
    List<TensorInfo> infos = new ArrayList<>();
    SequencedMap<String, Tensor> byName = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      infos.add(new TensorInfo(tensor.name(), ElementType.F32, longs(tensor)));
      byName.put(tensor.name(), tensor);
    }
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, Map.of(), infos)) {
      byName.forEach((name, tensor) -> writer.write(name, program.read(tensor), 0));
      writer.finish();
    }
  }

  private static List<Long> longs(Tensor tensor) {
    return IntStream.of(tensor.shape().extents()).mapToObj(i -> (long) i).toList();
  }
}
