package dev.sluice.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/// A model in several safetensors files, held together by an index: `{"weight_map": {TENSOR: FILE,
/// …}}`.
public final class ShardedTensors implements TensorSource {
  private static final String WEIGHT_MAP = "weight_map";

  private final Path index;
  private final Collection<SafetensorsFile> shards;
  private final SequencedMap<String, SafetensorsFile> shardOf;

  private ShardedTensors(
      Path index,
      Collection<SafetensorsFile> shards,
      SequencedMap<String, SafetensorsFile> shardOf) {
    this.index = index;
    this.shards = shards;
    this.shardOf = shardOf;
  }

  /// Opens an index and all files it names.
  ///
  /// @throws CheckpointException if one is missing or malformed, or lacks a tensor that the index
  ///   gives it
  public static ShardedTensors open(Path index) {
    JsonObject weightMap = JsonFiles.load(index).object(WEIGHT_MAP);
    SequencedMap<String, SafetensorsFile> opened = new LinkedHashMap<>();
    SequencedMap<String, SafetensorsFile> shardOf = new LinkedHashMap<>();
    try {
      for (String name : weightMap.keys()) {
        String file = weightMap.text(name);
        SafetensorsFile shard = opened.get(file);
        if (shard == null) {
          shard = SafetensorsFile.open(shardPath(index, weightMap, name, file));
          opened.put(file, shard);
        }
        if (shard.find(name).isEmpty()) {
          throw weightMap.error(
              name, "is not in %s; get the shards and the index again".formatted(file));
        }
        shardOf.put(name, shard);
      }
    } catch (RuntimeException e) {
      opened.values().forEach(SafetensorsFile::close);
      throw e;
    }
    return new ShardedTensors(index, opened.values(), shardOf);
  }

  private static Path shardPath(Path index, JsonObject weightMap, String name, String file) {
    if (file.isEmpty() || file.contains("/") || file.contains("\\") || file.equals("..")) {
      throw weightMap.error(name, "\"%s\" is not the name of a file beside it".formatted(file));
    }
    Path shard = index.resolveSibling(file);
    if (!Files.exists(shard)) {
      throw weightMap.error(
          name, "the shard %s is missing; put all shards beside the index".formatted(file));
    }
    return shard;
  }

  @Override
  public Path path() {
    return index;
  }

  /// The texts of all shards; where two have the same key, the later one's.
  @Override
  public Map<String, String> metadata() {
    Map<String, String> all = new LinkedHashMap<>();
    shards.forEach(shard -> all.putAll(shard.metadata()));
    return all;
  }

  @Override
  public List<TensorInfo> tensors() {
    List<TensorInfo> all = new ArrayList<>();
    shardOf.forEach((name, shard) -> all.add(shard.info(name)));
    return all;
  }

  @Override
  public Optional<TensorInfo> find(String name) {
    return Optional.ofNullable(shardOf.get(name)).flatMap(shard -> shard.find(name));
  }

  @Override
  public void read(String name, float[] into, int offset) {
    shard(name).read(name, into, offset);
  }

  @Override
  public void read(String name, int[] into, int offset) {
    shard(name).read(name, into, offset);
  }

  private SafetensorsFile shard(String name) {
    info(name);
    return Objects.requireNonNull(shardOf.get(name));
  }

  @Override
  public void close() {
    shards.forEach(SafetensorsFile::close);
  }
}
