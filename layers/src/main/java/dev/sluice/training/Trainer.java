package dev.sluice.training;

import dev.sluice.checkpoint.CheckpointFolder;
import dev.sluice.checkpoint.CheckpointStore;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.checkpoint.ModelFiles;
import dev.sluice.checkpoint.TrainerState;
import dev.sluice.data.BatchSource;
import dev.sluice.data.Dataset;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Trains: batches in, losses out, checkpoints in between. A run resumed from a checkpoint goes on
/// with the same numbers.
public final class Trainer {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.95;
  private static final double EPSILON = 1e-8;

  /// What a run is asked for.
  ///
  /// @param schedule learning rate by step
  /// @param batch rows of a batch
  /// @param accumulate batches of a step
  /// @param weightDecay of AdamW
  /// @param clipNorm largest norm of the gradient, 0 for no clipping
  /// @param logEvery steps between log entries
  /// @param evaluateEvery steps between evaluations
  /// @param saveEvery steps between checkpoints
  /// @param seed of parameters, data order and dropout
  public record Options(
      Schedule schedule,
      int batch,
      int accumulate,
      double weightDecay,
      double clipNorm,
      long logEvery,
      long evaluateEvery,
      long saveEvery,
      long seed) {}

  private final ModelConfig config;
  private final TrainingProgram program;
  private final Dataset training;
  private final Dataset heldOut;
  private final Options options;
  private final JsonObject recorded;
  private final CheckpointStore store;
  private final RunLog log;
  private final int[][] ids;
  private final int[][] labels;
  private final BatchSource source;

  /// Labels of the step that count.
  private int counted;

  private long step;
  private long tokens;
  private double best = Double.POSITIVE_INFINITY;

  /// A run from the beginning; [#resume] makes it go on.
  ///
  /// @param recorded what is written into `trainer.json` for a later resume
  public Trainer(
      ModelConfig config,
      TrainingProgram program,
      Dataset training,
      Dataset heldOut,
      Options options,
      JsonObject recorded,
      CheckpointStore store,
      RunLog log) {
    this.config = config;
    this.program = program;
    this.training = training;
    this.heldOut = heldOut;
    this.options = options;
    this.recorded = recorded;
    this.store = store;
    this.log = log;
    this.ids = new int[options.accumulate()][options.batch() * training.length()];
    this.labels = new int[options.accumulate()][options.batch() * training.length()];
    this.source = BatchSource.shuffled(training, options.batch(), options.seed());
    program.program().initialize(options.seed());
  }

  /// Takes parameters, moments and position from a checkpoint.
  ///
  /// @throws dev.sluice.checkpoint.CheckpointException if a file of it is damaged
  /// @throws TrainingException if it was trained on other data
  public void resume(CheckpointFolder folder) {
    TrainerState state = load(folder, training, program);
    step = state.step();
    tokens = state.tokens();
    best = state.bestLoss();
    source.seek(state.dataPosition());
  }

  /// Reads parameters and moments of a checkpoint into a program.
  ///
  /// @param training what the program is trained on
  /// @return where the run stood
  /// @throws dev.sluice.checkpoint.CheckpointException if a file of it is damaged
  /// @throws TrainingException if it was trained on other data
  public static TrainerState load(
      CheckpointFolder folder, Dataset training, TrainingProgram program) {
    TrainerState state = folder.state();
    if (!state.data().equals(training.fingerprint())) {
      throw new TrainingException(
          folder.path() + " was trained on other data; resume with the data that it began with");
    }
    ModelFiles.readParameters(folder.model(), program.program());
    ModelFiles.read(folder.optimizer(), program.moments(), program.program());
    return state;
  }

  /// Trains to the last step of the schedule, or until `stop` says so; saves at the end either way.
  ///
  /// @param listener is given every log entry
  /// @return the last held-out score
  /// @throws TrainingException if loss or gradient is not finite; the last checkpoint stays as it
  ///   was
  public TrainingProgram.Score run(Consumer<LogEntry> listener, BooleanSupplier stop) {
    long began = System.nanoTime();
    long tokensBegan = tokens;
    TrainingProgram.Score score =
        step < options.schedule().steps()
            ? new TrainingProgram.Score(Double.NaN, 0, 0)
            : evaluate();
    while (step < options.schedule().steps() && !stop.getAsBoolean()) {
      double rate = options.schedule().at(step);
      float loss = gradients();
      float norm = update(rate);
      if (!Float.isFinite(loss) || !Float.isFinite(norm)) {
        throw notFinite(step + 1, firstNotFinite(loss));
      }
      step++;
      boolean last = step == options.schedule().steps();
      double speed = (tokens - tokensBegan) * 1e9 / (System.nanoTime() - began);
      if (last || step % options.evaluateEvery() == 0) {
        score = evaluate();
        best = Math.min(best, score.loss());
        record(
            listener,
            new LogEntry(step, tokens, loss, rate, norm, speed, score.loss(), score.accuracy()));
      } else if (step % options.logEvery() == 0) {
        record(listener, LogEntry.ofTraining(step, tokens, loss, rate, norm, speed));
      }
      if (last || step % options.saveEvery() == 0) {
        save(step % options.evaluateEvery() == 0 || last ? score.loss() : Double.NaN);
      }
    }
    if (step < options.schedule().steps()) {
      save(Double.NaN);
    }
    return score;
  }

  /// Optimizer steps done.
  public long step() {
    return step;
  }

  /// Reads all batches of the step first: a label weighs the same in whichever batch it is.
  private float gradients() {
    counted = 0;
    for (int micro = 0; micro < ids.length; micro++) {
      counted += source.next(ids[micro], labels[micro]);
    }
    float loss = 0;
    for (int micro = 0; micro < ids.length; micro++) {
      loss += program.accumulate(ids[micro], labels[micro], counted, options.seed(), step, micro);
      tokens += ids[micro].length;
    }
    return loss;
  }

  /// What of the step just run was the first not to be finite. Its update has not been made.
  private String firstNotFinite(float loss) {
    try {
      for (int micro = 0; micro < ids.length; micro++) {
        Optional<String> tensor =
            program.firstNotFinite(ids[micro], labels[micro], counted, options.seed(), step, micro);
        if (tensor.isPresent()) {
          return "tensor '" + tensor.get() + "'";
        }
      }
    } catch (OutOfMemoryError e) {
      return Float.isFinite(loss) ? "the gradient" : "the loss";
    }
    return "the norm of the gradient";
  }

  private static TrainingException notFinite(long step, String what) {
    return new TrainingException(
        "step %d: %s is not finite; the last checkpoint is kept, try a lower learning rate"
            .formatted(step, what));
  }

  private float update(double rate) {
    return program.update(
        AdamWOp.settingsOf(
            rate, BETA1, BETA2, EPSILON, options.weightDecay(), options.clipNorm(), step + 1));
  }

  /// The score over the held-out data.
  ///
  /// @throws TrainingException if its loss is not finite
  public TrainingProgram.Score evaluate() {
    TrainingProgram.Score score = evaluate(program, heldOut, options.batch());
    if (!Double.isFinite(score.loss())) {
      throw notFinite(step, "the held-out loss");
    }
    return score;
  }

  /// The score of a program over a dataset, read once in order.
  public static TrainingProgram.Score evaluate(
      TrainingProgram program, Dataset dataset, int batch) {
    BatchSource held = BatchSource.ordered(dataset, batch);
    int[] heldIds = new int[batch * dataset.length()];
    int[] heldLabels = new int[heldIds.length];
    TrainingProgram.Score sum = new TrainingProgram.Score(0, 0, 0);
    while (held.hasNext()) {
      held.next(heldIds, heldLabels);
      sum = sum.plus(program.score(heldIds, heldLabels));
    }
    return sum;
  }

  private void record(Consumer<LogEntry> listener, LogEntry entry) {
    log.append(entry);
    listener.accept(entry);
  }

  private void save(double heldOutLoss) {
    TrainerState state =
        new TrainerState(
            step,
            source.position(),
            options.seed(),
            tokens,
            heldOutLoss,
            best,
            training.fingerprint(),
            recorded);
    store.save(
        state,
        into -> {
          ModelFiles.write(into, config, program.program());
          ModelFiles.write(into.optimizer(), program.moments(), program.program());
        });
  }
}
