package dev.sluice.cli.train;

import dev.sluice.checkpoint.CheckpointException;
import dev.sluice.checkpoint.CheckpointFolder;
import dev.sluice.checkpoint.CheckpointStore;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.checkpoint.ModelFiles;
import dev.sluice.data.Dataset;
import dev.sluice.models.ModelConfig;
import dev.sluice.training.Trainer;
import dev.sluice.training.TrainingException;
import dev.sluice.training.TrainingProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A run that goes on from its latest checkpoint. Where that one is damaged, the error says which
/// earlier one is whole, after it has been read.
final class Resumption {
  private final Path run;
  private final CheckpointStore store;
  private final ModelConfig config;
  private final JsonObject options;
  private final CheckpointFolder latest;
  private final @Nullable CheckpointException damage;

  /// Looks at the latest checkpoint, so far as that is possible without the model.
  ///
  /// @param run the run's folder
  /// @param config of the model that is asked for
  /// @param options that are asked for
  /// @throws IllegalArgumentException if there is no checkpoint, or it is of another model or of
  ///   other options
  Resumption(Path run, CheckpointStore store, ModelConfig config, JsonObject options) {
    this.run = run;
    this.store = store;
    this.config = config;
    this.options = options;
    this.latest =
        store
            .latest()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    run + " has no checkpoint to resume from; leave --resume out"));
    CheckpointException found = null;
    try {
      expectSame(latest);
    } catch (CheckpointException e) {
      found = e;
    }
    this.damage = found;
  }

  private void expectSame(CheckpointFolder folder) {
    if (!ModelFiles.config(folder.config()).equals(config)) {
      throw new IllegalArgumentException(
          folder.config()
              + " is of another model; resume with the options that the run began with");
    }
    JsonObject before = folder.state().options();
    if (!before.toMap().equals(options.toMap())) {
      throw new IllegalArgumentException(
          "%s was started with other options (%s); resume with the same ones"
              .formatted(run, JsonFiles.line(before.toMap())));
    }
  }

  /// The step to go on from.
  ///
  /// @throws CheckpointException if the checkpoint was found damaged
  long step(Dataset training, TrainingProgram program) {
    if (damage != null) {
      throw advised(damage, training, program);
    }
    return latest.state().step();
  }

  /// Makes `trainer`, which trains `program` on `training`, go on from the checkpoint.
  ///
  /// @throws CheckpointException if the checkpoint is damaged
  void resume(Trainer trainer, Dataset training, TrainingProgram program) {
    try {
      trainer.resume(latest);
    } catch (CheckpointException e) {
      throw advised(e, training, program);
    }
  }

  /// What is wrong with the latest checkpoint, and how to go on from the last one that is whole.
  /// Whether one is, is seen by reading it into `program`, which is of no use afterwards.
  private CheckpointException advised(
      CheckpointException wrong, Dataset training, TrainingProgram program) {
    List<String> unusable = new ArrayList<>();
    for (CheckpointFolder folder : store.all().reversed()) {
      if (!folder.equals(latest) && isWhole(folder, training, program)) {
        return new CheckpointException(
            "%s; %s is whole: remove %s, and --resume goes on from it"
                .formatted(wrong.getMessage(), folder.path(), String.join(" and ", unusable)),
            wrong);
      }
      unusable.add(folder.path().toString());
    }
    return new CheckpointException(
        "%s; %s has no other checkpoint that is whole: leave --resume out to begin anew"
            .formatted(wrong.getMessage(), run),
        wrong);
  }

  private boolean isWhole(CheckpointFolder folder, Dataset training, TrainingProgram program) {
    try {
      expectSame(folder);
      Trainer.load(folder, training, program);
      return true;
    } catch (CheckpointException | TrainingException | IllegalArgumentException e) {
      return false;
    }
  }
}
