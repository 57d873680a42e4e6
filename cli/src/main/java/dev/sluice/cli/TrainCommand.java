package dev.sluice.cli;

import dev.sluice.checkpoint.CheckpointFolder;
import dev.sluice.checkpoint.CheckpointStore;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.checkpoint.ModelFiles;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.MixerPattern;
import dev.sluice.models.MixerSizes;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.ModelTypes;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.training.LogEntry;
import dev.sluice.training.LossCurve;
import dev.sluice.training.ProgressLine;
import dev.sluice.training.RunLog;
import dev.sluice.training.Schedule;
import dev.sluice.training.Trainer;
import dev.sluice.training.TrainingException;
import dev.sluice.training.TrainingProgram;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
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
    description = "Trains a language model.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  sluice train --task mqar",
      "  sluice train --task text --text src.zip --length 1024 --batch 4 --dim 128 --steps 500",
      "  sluice train --task mqar --mixer gated_deltanet,attention",
      "  sluice train --task mqar --run runs/mqar --resume"
    })
final class TrainCommand implements Callable<Integer> {
  /// The mixers that there are, for the help text.
  static final class MixerNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ModelTypes.mixers().iterator();
    }
  }

  private static final int KEPT = 2;

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private DeviceOptions where = new DeviceOptions();

  @Option(
      names = "--mixer",
      defaultValue = "gla",
      paramLabel = "PATTERN",
      completionCandidates = MixerNames.class,
      description =
          "What mixes along time: ${COMPLETION-CANDIDATES}; or a pattern that is repeated over the layers, such as gla*3,attention. Default: ${DEFAULT-VALUE}.")
  private String pattern;

  @Option(
      names = "--dim",
      defaultValue = "64",
      description = "Model width. Default: ${DEFAULT-VALUE}.")
  private int width;

  @Option(
      names = "--layers",
      defaultValue = "2",
      description = "Blocks. Default: ${DEFAULT-VALUE}.")
  private int layers;

  @Option(names = "--heads", defaultValue = "2", description = "Heads. Default: ${DEFAULT-VALUE}.")
  private int heads;

  @Option(
      names = "--conv",
      defaultValue = "4",
      description = "Steps of the short convolutions, 0 for none. Default: ${DEFAULT-VALUE}.")
  private int convolution;

  @Option(
      names = "--batch",
      defaultValue = "64",
      description = "Examples of a batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--accumulate",
      defaultValue = "1",
      description = "Batches of a step. Default: ${DEFAULT-VALUE}.")
  private int accumulate;

  @Option(
      names = "--steps",
      defaultValue = "1200",
      description = "Optimizer steps. Default: ${DEFAULT-VALUE}.")
  private long steps;

  @Option(
      names = "--lr",
      defaultValue = "1e-2",
      description = "Peak learning rate. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--schedule",
      defaultValue = "cosine",
      description = "constant, cosine, linear or warmup-stable-decay. Default: ${DEFAULT-VALUE}.")
  private String schedule;

  @Option(
      names = "--warmup",
      description = "Steps in which the rate rises. Default: a twentieth of the steps.")
  private @Nullable Long warmup;

  @Option(
      names = "--weight-decay",
      defaultValue = "0.1",
      description = "Decoupled weight decay. Default: ${DEFAULT-VALUE}.")
  private double weightDecay;

  @Option(
      names = "--clip",
      defaultValue = "1",
      description = "Largest gradient norm, 0 for no limit. Default: ${DEFAULT-VALUE}.")
  private double clip;

  @Option(names = "--dropout", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
  private float dropout;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--log-every",
      defaultValue = "20",
      description = "Steps between log lines. Default: ${DEFAULT-VALUE}.")
  private long logEvery;

  @Option(
      names = "--eval-every",
      defaultValue = "100",
      description = "Steps between looks at held-out data. Default: ${DEFAULT-VALUE}.")
  private long evaluateEvery;

  @Option(
      names = "--save-every",
      defaultValue = "100",
      description = "Steps between checkpoints. Default: ${DEFAULT-VALUE}.")
  private long saveEvery;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "Folder of the run: log, loss curve, checkpoints. Default: runs/TASK.")
  private @Nullable Path run;

  @Option(names = "--resume", description = "Go on from the run's latest checkpoint.")
  private boolean resume;

  @Option(names = "--quiet", description = "No progress, only the result.")
  private boolean quiet;

  @Option(names = "--json", description = "The result as a JSON line.")
  private boolean json;

  @SuppressWarnings("NullAway.Init")
  TrainCommand() {}

  @Override
  public Integer call() {
    positive("--batch", batch);
    positive("--accumulate", accumulate);
    positive("--log-every", logEvery);
    positive("--eval-every", evaluateEvery);
    positive("--save-every", saveEvery);
    positive("--dim", width);
    positive("--layers", layers);
    positive("--heads", heads);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "--dropout %s: must be from 0 to below 1".formatted(dropout));
    }
    DataOptions.Data sets = data.read(seed);
    MixerSizes sizes = new MixerSizes(width, heads, convolution, sets.training().length());
    ModelConfig config =
        ModelConfig.of(data.vocabulary(), width, MixerPattern.parse(pattern).mixers(sizes, layers))
            .forLength(sizes.length());
    long rise = warmup == null ? steps / 20 : warmup;
    Trainer.Options options =
        new Trainer.Options(
            new Schedule(Schedule.Shape.parse(schedule), rate, 0, rise, steps, (steps - rise) / 5),
            batch,
            accumulate,
            weightDecay,
            clip,
            logEvery,
            evaluateEvery,
            saveEvery,
            seed);
    Path folder =
        run != null ? run : Path.of("runs", data.task.name().toLowerCase(java.util.Locale.ROOT));
    Device device = where.device();
    Choices choices = where.choices();
    try (Interruption interruption = new Interruption()) {
      try (CheckpointStore store = CheckpointStore.open(folder, KEPT)) {
        CheckpointFolder from = begin(folder, store, config);
        try (TrainingProgram program =
            new TrainingProgram(
                new LanguageModel(config),
                device,
                choices,
                batch,
                sets.training().length(),
                dropout)) {
          announce(device, choices, program);
          return interruption.done(
              train(config, sets, options, program, store, from, folder, interruption));
        }
      } catch (RuntimeException e) {
        if (!interruption.requested()) {
          throw e;
        }
        err().println("sluice: " + Sluice.reason(e));
        err().flush();
        return interruption.done(Sluice.FAILED);
      }
    }
  }

  private int train(
      ModelConfig config,
      DataOptions.Data sets,
      Trainer.Options options,
      TrainingProgram program,
      CheckpointStore store,
      @Nullable CheckpointFolder from,
      Path folder,
      Interruption interruption) {
    if (from == null) {
      // Not before now, when all that can be asked for wrongly has been found right.
      store.discardAfter(-1);
    }
    try (RunLog log = RunLog.open(folder, from == null ? 0 : from.state().step())) {
      Trainer trainer =
          new Trainer(
              config, program, sets.training(), sets.heldOut(), options, recorded(), store, log);
      if (from != null) {
        trainer.resume(from);
      }
      long began = System.nanoTime();
      long first = trainer.step();
      TrainingProgram.Score score =
          trainer.run(entry -> progress(entry, began, first), interruption::requested);
      Path curve = LossCurve.write(folder, "sluice train --task " + data.task, RunLog.read(folder));
      if (trainer.step() < steps) {
        err().println("interrupted: step " + trainer.step() + " is saved; go on with --resume");
        err().flush();
        return Sluice.INTERRUPTED;
      }
      result(folder, curve, score, trainer.step());
      return 0;
    }
  }

  private @Nullable CheckpointFolder begin(Path folder, CheckpointStore store, ModelConfig config) {
    CheckpointFolder latest = store.latest().orElse(null);
    if (!resume) {
      return null;
    }
    if (latest == null) {
      throw new TrainingException(folder + " has no checkpoint to resume from; leave --resume out");
    }
    if (!ModelFiles.config(latest.config()).equals(config)) {
      throw new TrainingException(
          latest.config()
              + " is of another model; resume with the options that the run began with");
    }
    JsonObject before = latest.state().options();
    if (!before.toMap().equals(recorded().toMap())) {
      throw new TrainingException(
          "%s was started with other options (%s); resume with the same ones"
              .formatted(folder, JsonFiles.line(before.toMap())));
    }
    return latest;
  }

  private JsonObject recorded() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    data.record(map);
    map.put("batch", batch);
    map.put("accumulate", accumulate);
    map.put("steps", steps);
    map.put("lr", rate);
    map.put("schedule", schedule);
    map.put("weight_decay", weightDecay);
    map.put("clip", clip);
    map.put("dropout", Double.valueOf(Float.toString(dropout)));
    map.put("seed", seed);
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
    map.put("bits_per_token", score.loss() / Math.log(2));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonFiles.line(map));
    } else {
      out.printf(
          "held out: loss %.4f, %.4f bits a token, accuracy %.4f%n",
          score.loss(), score.loss() / Math.log(2), score.accuracy());
      out.printf("run: %s, loss curve: %s%n", folder, curve);
    }
    out.flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private static void positive(String option, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s %d: must be at least 1".formatted(option, value));
    }
  }
}
