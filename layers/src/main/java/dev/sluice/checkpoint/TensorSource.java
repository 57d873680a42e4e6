package dev.sluice.checkpoint;

import dev.sluice.tasks.names.NearestName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Named tensors in one file or in several. Reading is possible from several threads at once.
public interface TensorSource extends AutoCloseable {
  /// The single file of a model.
  String SINGLE_FILE = "model.safetensors";

  /// The index of a model in several files.
  String INDEX_FILE = SINGLE_FILE + ".index.json";

  /// Opens a safetensors file, an index of shards, or whichever of the two a model's folder has.
  ///
  /// @throws CheckpointException if there is none, or it is malformed
  static TensorSource open(Path path) {
    if (Files.isDirectory(path)) {
      Path single = path.resolve(SINGLE_FILE);
      Path index = path.resolve(INDEX_FILE);
      if (Files.exists(single)) {
        return SafetensorsFile.open(single);
      }
      if (Files.exists(index)) {
        return ShardedTensors.open(index);
      }
      throw new CheckpointException(
          "%s: neither %s nor %s is there; give the folder of a checkpoint"
              .formatted(path, SINGLE_FILE, INDEX_FILE));
    }
    return path.toString().endsWith(".json")
        ? ShardedTensors.open(path)
        : SafetensorsFile.open(path);
  }

  /// The file, for messages.
  Path path();

  /// The texts that the file carries besides tensors, in file order.
  Map<String, String> metadata();

  /// All tensors, in file order.
  List<TensorInfo> tensors();

  /// The tensor of that name, if there is one.
  Optional<TensorInfo> find(String name);

  /// The tensor of that name.
  ///
  /// @throws CheckpointException if there is none; it names the nearest
  default TensorInfo info(String name) {
    return find(name)
        .orElseThrow(() ->
            new CheckpointException(
                "%s: tensor %s is missing%s"
                    .formatted(
                        path(),
                        name,
                        NearestName.of(name, tensors().stream().map(TensorInfo::name).toList())
                            .map(near -> "; the nearest name in the file is " + near)
                            .orElse("; the file belongs to another model"))));
  }

  /// Reads a tensor of any floating type as floats.
  ///
  /// @param into the elements, row-major, from `offset` on: Overwritten
  /// @throws CheckpointException if there is no such tensor, it holds no floating numbers, or the
  ///   file cannot be read
  /// @throws IndexOutOfBoundsException if `into` is too short
  void read(String name, float[] into, int offset);

  /// Reads a tensor of any integer type as ints.
  ///
  /// @param into the elements, row-major, from `offset` on: Overwritten
  /// @throws CheckpointException if there is no such tensor, it holds no integers or one beyond
  ///   int, or the file cannot be read
  /// @throws IndexOutOfBoundsException if `into` is too short
  void read(String name, int[] into, int offset);

  /// A tensor of any floating type as a new array.
  default float[] floats(String name) {
    float[] elements = new float[arrayLength(name)];
    read(name, elements, 0);
    return elements;
  }

  /// A tensor of any integer type as a new array.
  default int[] ints(String name) {
    int[] elements = new int[arrayLength(name)];
    read(name, elements, 0);
    return elements;
  }

  private int arrayLength(String name) {
    TensorInfo info = info(name);
    if (info.elements() > Integer.MAX_VALUE - 8) {
      throw new CheckpointException(
          "%s: tensor %s of shape %s has more elements than an array can hold"
              .formatted(path(), name, info.shape()));
    }
    return (int) info.elements();
  }

  @Override
  void close();
}
