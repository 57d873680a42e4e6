package dev.sluice.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/// The folder of one checkpoint and the files in it. A model from elsewhere has `config.json` and
/// `model.safetensors` (or shards) only.
///
/// @param path the folder
public record CheckpointFolder(Path path) {
  static final String SLUICE = "sluice.json";
  static final String TRAINER = "trainer.json";

  /// The model's configuration, with the keys of flash-linear-attention.
  public Path config() {
    return path.resolve("config.json");
  }

  /// What the configuration has no keys for.
  public Path sluice() {
    return path.resolve(SLUICE);
  }

  /// The parameters.
  public Path model() {
    return path.resolve(TensorSource.SINGLE_FILE);
  }

  /// The optimizer's moments.
  public Path optimizer() {
    return path.resolve("optimizer.safetensors");
  }

  /// Where the run stood.
  public Path trainer() {
    return path.resolve(TRAINER);
  }

  /// Where the run stood.
  ///
  /// @throws CheckpointException if `trainer.json` cannot be read
  public TrainerState state() {
    if (!Files.exists(trainer())) {
      throw new CheckpointException(
          "%s: has no %s, so no run can be resumed from it; use it as a model, or choose a checkpoint of a run"
              .formatted(path, TRAINER));
    }
    return TrainerState.load(trainer());
  }

  /// The step in the folder's name, −1 if it has none.
  long step() {
    Path name = path.getFileName();
    return name == null ? -1 : CheckpointStore.stepOf(name.toString());
  }

  /// The checkpoint that somebody means who gives `path`: the folder itself if it has a
  /// `config.json`, else the latest checkpoint of the run that it is the folder of.
  ///
  /// @throws CheckpointException if there is none
  public static CheckpointFolder locate(Path path) {
    if (!Files.exists(path)) {
      throw new CheckpointException(path + ": no such file or folder; check the path");
    }
    if (!Files.isDirectory(path)) {
      throw new CheckpointException(
          path + ": is a file; give the folder of a checkpoint or of a run");
    }
    CheckpointFolder folder = new CheckpointFolder(path);
    if (Files.exists(folder.config())) {
      return folder;
    }
    return CheckpointStore.list(path).stream()
        .max(Comparator.comparingLong(CheckpointFolder::step))
        .orElseThrow(() ->
            new CheckpointException(
                "%s: has neither config.json nor a finished checkpoint in %s; give the folder of a checkpoint or of a run"
                    .formatted(path, CheckpointStore.CHECKPOINTS)));
  }
}
