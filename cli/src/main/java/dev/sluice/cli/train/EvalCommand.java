package dev.sluice.cli.train;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.cli.options.DeviceOptions;
import dev.sluice.cli.options.OptionChecks;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.training.Trainer;
import dev.sluice.training.TrainingException;
import dev.sluice.training.TrainingProgram;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice eval`.
@Command(
    name = "eval",
    description = "Reports loss and accuracy of a checkpoint on held-out data.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  sluice eval --checkpoint runs/mqar --task mqar",
      "  sluice eval --checkpoint runs/text --task text --text book.txt"
    })
public final class EvalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "Folder of a run, of which the latest checkpoint is taken, or of a checkpoint.")
  private Path checkpoint;

  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "Examples of a batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the examples of mqar. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--json", description = "Show the result as a line of JSON.")
  private boolean json;

  @Mixin private DeviceOptions where = new DeviceOptions();

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public EvalCommand() {}

  @Override
  public Integer call() {
    OptionChecks.positive("--batch", batch);
    OptionChecks.present("--checkpoint", checkpoint);
    ModelCheckpoint model = ModelCheckpoint.locate(checkpoint);
    ModelConfig config = model.config();
    model.options().ifPresent(data::asIn);
    DataOptions.Data sets = data.read(seed);
    if (sets.heldOut().vocabulary() > config.vocabulary()) {
      throw new IllegalArgumentException(
          "the data has %d tokens, the model of %s only %d"
              .formatted(sets.heldOut().vocabulary(), model.path(), config.vocabulary()));
    }
    Choices choices = where.choices();
    try (TrainingProgram program =
        new TrainingProgram(
            new LanguageModel(config),
            where.device(),
            choices,
            batch,
            sets.heldOut().length(),
            0)) {
      where.report(choices, spec.commandLine().getErr());
      model.read(program.program());
      TrainingProgram.Score score = Trainer.evaluate(program, sets.heldOut(), batch);
      if (!Double.isFinite(score.loss())) {
        throw new TrainingException(
            model.path()
                + ": the loss is not finite; the checkpoint holds numbers that are not, or too large ones");
      }
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        SequencedMap<String, Object> map = new LinkedHashMap<>();
        map.put("checkpoint", model.path().toString());
        map.put("labels", score.labels());
        map.put("loss", score.loss());
        map.put("bits_per_" + data.task.unit, score.loss() / Math.log(2));
        map.put("accuracy", score.accuracy());
        out.println(JsonFiles.line(map));
      } else {
        out.printf(
            "%s: %d labels, loss %.4f, %.4f bits a %s, accuracy %.4f%n",
            model.path(),
            score.labels(),
            score.loss(),
            score.loss() / Math.log(2),
            data.task.unit,
            score.accuracy());
      }
      out.flush();
    }
    return 0;
  }
}
