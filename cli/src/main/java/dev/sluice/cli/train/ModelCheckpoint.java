package dev.sluice.cli.train;

import dev.sluice.checkpoint.CheckpointException;
import dev.sluice.checkpoint.CheckpointFolder;
import dev.sluice.checkpoint.CheckpointStore;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.checkpoint.ModelFiles;
import dev.sluice.checkpoint.TensorSource;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.graph.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The checkpoint that a command takes a model from. Where it is the latest of a run and damaged,
/// the error names the last earlier one that can be read.
final class ModelCheckpoint {
  private final Path asked;
  private final CheckpointFolder folder;

  private ModelCheckpoint(Path asked, CheckpointFolder folder) {
    this.asked = asked;
    this.folder = folder;
  }

  /// The checkpoint that is meant by `path`, see [CheckpointFolder#locate].
  ///
  /// @throws CheckpointException if there is none
  static ModelCheckpoint locate(Path path) {
    return new ModelCheckpoint(path, CheckpointFolder.locate(path));
  }

  Path path() {
    return folder.path();
  }

  /// What the model is.
  ///
  /// @throws CheckpointException if it cannot be read
  ModelConfig config() {
    return reading(() -> ModelFiles.config(folder.config()));
  }

  /// The options of the run that it is of; empty if it is of none.
  ///
  /// @throws CheckpointException if they cannot be read
  Optional<JsonObject> options() {
    return Files.exists(folder.trainer())
        ? Optional.of(reading(() -> folder.state().options()))
        : Optional.empty();
  }

  /// Fills the parameters of `program`.
  ///
  /// @throws CheckpointException if they cannot be read
  void read(Program program) {
    reading(() -> {
      ModelFiles.readParameters(folder.path(), program);
      return program;
    });
  }

  private <T> T reading(Supplier<T> part) {
    try {
      return part.get();
    } catch (CheckpointException e) {
      CheckpointFolder readable = folder.path().equals(asked) ? null : earlier();
      if (readable == null) {
        throw e;
      }
      throw new CheckpointException(
          "%s; an earlier one of the run can be read: --checkpoint %s"
              .formatted(e.getMessage(), readable.path()),
          e);
    }
  }

  private @Nullable CheckpointFolder earlier() {
    List<CheckpointFolder> all = CheckpointStore.list(asked);
    return all.reversed().stream()
        .filter(other -> !other.equals(folder) && canBeRead(other))
        .findFirst()
        .orElse(null);
  }

  private static boolean canBeRead(CheckpointFolder folder) {
    try (TensorSource source = TensorSource.open(folder.path())) {
      ModelFiles.config(folder.config());
      folder.state();
      return !source.tensors().isEmpty();
    } catch (CheckpointException e) {
      return false;
    }
  }
}
