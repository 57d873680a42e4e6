package dev.sluice.cli.train;

import dev.sluice.checkpoint.CheckpointStore;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.cli.exit.ExitCode;
import dev.sluice.cli.exit.Failure;
import dev.sluice.cli.options.DeviceOptions;
import dev.sluice.cli.options.OptionChecks;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.MemoryException;
import dev.sluice.training.LogEntry;
import dev.sluice.training.LossCurve;
import dev.sluice.training.ProgressLine;
import dev.sluice.training.Rehearsal;
import dev.sluice.training.RunLog;
import dev.sluice.training.Trainer;
import dev.sluice.training.TrainingException;
import dev.sluice.training.TrainingProgram;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice train`.
@Command(
    name = "train",
    description = "Trains a language model, and saves it as it goes.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  sluice train --task mqar",
      "  sluice train --task text --text book.txt --text src.zip",
      "  sluice train --task mqar --mixer gated_deltanet,attention",
      "  sluice train --task mqar --run runs/small --dim 32 --steps 400",
      "  sluice train --task mqar --run runs/small --dim 32 --steps 400 --resume"
    })
public final class TrainCommand implements Callable<Integer> {
  private static final int KEPT = 2;

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OptimizerOptions optimizer = new OptimizerOptions();

  @Option(
      names = "--log-every",
      paramLabel = "N",
      defaultValue = "20",
      description = "Steps between log lines. Default: ${DEFAULT-VALUE}.")
  private long logEvery;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      defaultValue = "100",
      description = "Steps between evaluations on held-out data. Default: ${DEFAULT-VALUE}.")
  private long evaluateEvery;

  @Option(
      names = "--save-every",
      paramLabel = "N",
      defaultValue = "100",
      description = "Steps between checkpoints. Default: ${DEFAULT-VALUE}.")
  private long saveEvery;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description =
          "Folder of the run: log, loss curve, checkpoints. One that is there is begun anew. Default: runs/mqar or runs/text.")
  private @Nullable Path run;

  @Option(
      names = "--resume",
      description =
          "Go on from the latest checkpoint in the folder of the run, with the options that it began with.")
  private boolean resume;

  @Option(names = "--quiet", description = "Show no progress, only the result.")
  private boolean quiet;

  @Option(names = "--json", description = "Show the result as a line of JSON.")
  private boolean json;

  @Mixin private DeviceOptions where = new DeviceOptions();

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public TrainCommand() {}

  @Override
  public Integer call() {
    OptionChecks.positive("--log-every", logEvery);
    OptionChecks.positive("--eval-every", evaluateEvery);
    OptionChecks.positive("--save-every", saveEvery);
    optimizer.check(data.task);
    model.check(data.task);
    DataOptions.Data sets = data.read(optimizer.seed());
    ModelConfig config = model.config(data, sets.training().length());
    Trainer.Options options = optimizer.options(data.task, logEvery, evaluateEvery, saveEvery);
    Path folder = run != null ? run : Path.of("runs", data.task.name());
    Device device = where.device();
    Choices choices = where.choices();
    try (Interruption interruption = new Interruption()) {
      try (CheckpointStore store = CheckpointStore.open(folder, KEPT)) {
        Resumption from = resume ? new Resumption(folder, store, config, recorded()) : null;
        int length = sets.training().length();
        float dropout = optimizer.dropout();
        try (Rehearsal rehearsal =
                Rehearsal.begin(config, device, where::choices, length, dropout);
            TrainingProgram program =
                new TrainingProgram(
                    new LanguageModel(config),
                    device,
                    choices,
                    optimizer.batch(data.task),
                    length,
                    dropout)) {
          announce(device, choices, program);
          rehearsal.await();
          return interruption.done(
              train(config, sets, options, program, store, from, folder, interruption));
        }
      } catch (RuntimeException e) {
        if (!interruption.requested()) {
          throw e;
        }
        err().println("sluice: " + Failure.line(e));
        err().flush();
        return interruption.done(ExitCode.FAILED);
      }
    }
  }

  private int train(
      ModelConfig config,
      DataOptions.Data sets,
      Trainer.Options options,
      TrainingProgram program,
      CheckpointStore store,
      @Nullable Resumption from,
      Path folder,
      Interruption interruption) {
    if (from == null) {
      // Not before now, when all that can be asked for wrongly has been found right.
      store.discardAfter(-1);
    }
    long begins = from == null ? 0 : from.step(sets.training(), program);
    try (RunLog log = RunLog.open(folder, begins)) {
      Trainer trainer =
          new Trainer(
              config, program, sets.training(), sets.heldOut(), options, recorded(), store, log);
      if (from != null) {
        from.resume(trainer, sets.training(), program);
      }
      long began = System.nanoTime();
      long first = trainer.step();
      TrainingProgram.Score score;
      try {
        score = trainer.run(entry -> progress(entry, began, first), interruption::requested);
      } catch (MemoryException e) {
        throw e;
      } catch (GraphException e) {
        throw new TrainingException(e.getMessage() + "; " + saved(store), e);
      }
      Path curve = LossCurve.write(folder, "sluice train --task " + data.task, RunLog.read(folder));
      if (trainer.step() < optimizer.steps(data.task)) {
        err().println("interrupted: step " + trainer.step() + " is saved; go on with --resume");
        err().flush();
        return ExitCode.INTERRUPTED;
      }
      result(folder, curve, score, trainer.step());
      return 0;
    }
  }

  /// What is left of a run whose device failed.
  private static String saved(CheckpointStore store) {
    return store
        .latest()
        .map(latest -> "step " + latest.state().step() + " is saved, go on with --resume")
        .orElse("no step is saved yet");
  }

  private JsonObject recorded() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    data.record(map);
    optimizer.record(data.task, map);
    return JsonFiles.parse("options", JsonFiles.line(map));
  }

  private void announce(Device device, Choices choices, TrainingProgram program) {
    where.report(choices, err());
    if (!quiet) {
      err()
          .printf(
              "device %s, %d parameters, planned %.1f of %.0f MB%n",
              device,
              program.program().variables().parameterCount(),
              program.plannedBytes() / 1e6,
              device.memory() / 1e6);
    }
  }

  private void progress(LogEntry entry, long began, long first) {
    if (!quiet) {
      double each = (System.nanoTime() - began) / 1e9 / Math.max(1, entry.step() - first);
      long steps = optimizer.steps(data.task);
      err().println(ProgressLine.format(entry, steps, each * (steps - entry.step())));
      err().flush();
    }
  }

  private void result(Path folder, Path curve, TrainingProgram.Score score, long step) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("run", folder.toString());
    map.put("step", step);
    map.put("held_out_loss", score.loss());
    map.put("held_out_accuracy", score.accuracy());
    map.put("bits_per_" + data.task.unit, score.loss() / Math.log(2));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonFiles.line(map));
    } else {
      out.printf(
          "held out: loss %.4f, %.4f bits a %s, accuracy %.4f%n",
          score.loss(), score.loss() / Math.log(2), data.task.unit, score.accuracy());
      out.printf("run: %s, loss curve: %s%n", folder, curve);
    }
    out.flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
