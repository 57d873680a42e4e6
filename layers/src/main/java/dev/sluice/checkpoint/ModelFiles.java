package dev.sluice.checkpoint;

import dev.sluice.models.ModelConfig;
import dev.sluice.models.ModelException;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /// Fills every parameter of `program` from a file.
  ///
  /// @throws CheckpointException if one is missing or has another shape, or the file holds more
  public static void readParameters(Path path, Program program) {
    List<Tensor> tensors = program.variables().parameters().stream().map(Parameter::value).toList();
    read(path, tensors, program);
  }

  /// Fills `tensors` of `program` from a file that holds these and no others.
  ///
  /// @throws CheckpointException if one is missing or has another shape, or the file holds more
  public static void read(Path path, Collection<Tensor> tensors, Program program) {
    try (TensorSource source = TensorSource.open(path)) {
      Set<String> unread = new HashSet<>();
      source.tensors().forEach(info -> unread.add(info.name()));
      for (Tensor tensor : tensors) {
        List<Long> shape = longs(tensor);
        List<Long> found = source.info(tensor.name()).shape();
        if (!found.equals(shape)) {
          throw new CheckpointException(
              "%s: tensor '%s' has shape %s where the config asks for %s"
                  .formatted(path, tensor.name(), found, shape));
        }
        program.write(tensor, source.floats(tensor.name()));
        unread.remove(tensor.name());
      }
      if (!unread.isEmpty()) {
        throw new CheckpointException(
            "%s: tensor '%s' has no place in the model of config.json"
                .formatted(path, unread.iterator().next()));
      }
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
