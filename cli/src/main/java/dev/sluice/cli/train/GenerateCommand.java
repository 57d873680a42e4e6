package dev.sluice.cli.train;

import dev.sluice.cli.options.DeviceOptions;
import dev.sluice.cli.options.OptionChecks;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.training.Generator;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice generate`.
@Command(
    name = "generate",
    description = "Continues a prompt, token by token.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  sluice generate --checkpoint runs/text --prompt \"public static\"",
      "  sluice generate --checkpoint runs/mqar --prompt-ids 3,19,7,24,3 --tokens 1"
    })
public final class GenerateCommand implements Callable<Integer> {
  private static final int BYTES = 256;

  /// Tokens before those whose speed is told: what they run is compiled with them.
  private static final int UNMEASURED = 3;

  @Spec private CommandSpec spec;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "Folder of a run, of which the latest checkpoint is taken, or of a checkpoint.")
  private Path checkpoint;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "Text to continue, for a model whose tokens are bytes.")
  private @Nullable String prompt;

  @Option(
      names = "--prompt-ids",
      split = ",",
      paramLabel = "ID",
      description = "Tokens to continue, by number, in place of --prompt.")
  private int @Nullable [] promptIds;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "200",
      description = "Tokens to generate. Default: ${DEFAULT-VALUE}.")
  private int tokens;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0.8",
      description =
          "Below 1 likelier tokens are drawn more often; 0 always takes the likeliest. Default: ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Draw from this many likeliest tokens only; 0 for all. Default: ${DEFAULT-VALUE}.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Draw from the likeliest tokens that together have this probability; 1 for all. Default: ${DEFAULT-VALUE}.")
  private double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of what is drawn. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private DeviceOptions where = new DeviceOptions();

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public GenerateCommand() {}

  @Override
  public Integer call() {
    if (!(temperature >= 0) || topK < 0 || !(topP > 0 && topP <= 1) || tokens < 0) {
      throw new IllegalArgumentException(
          "--temperature and --top-k must be at least 0, --top-p between 0 and 1, --tokens at least 0");
    }
    OptionChecks.present("--checkpoint", checkpoint);
    ModelCheckpoint model = ModelCheckpoint.locate(checkpoint);
    ModelConfig config = model.config();
    int[] ids = ids(config);
    PrintStream out = System.out;
    Choices choices = where.choices();
    try (Generator generator = new Generator(new LanguageModel(config), where.device(), choices)) {
      where.report(choices, spec.commandLine().getErr());
      model.read(generator.program());
      var sampling = new Generator.Sampling(temperature, topK, topP, seed);
      float[] logits = generator.read(ids);
      if (prompt != null) {
        out.print(prompt);
      }
      long start = 0;
      for (int i = 0; i < tokens; i++) {
        if (i == UNMEASURED) {
          start = System.nanoTime();
        }
        int next = Generator.draw(logits, sampling, i);
        if (prompt == null) {
          out.print(i == 0 ? Integer.toString(next) : "," + next);
        } else {
          out.write(next);
        }
        if (i + 1 < tokens) {
          logits = generator.read(next);
        }
      }
      out.println();
      out.flush();
      if (tokens > UNMEASURED) {
        double seconds = (System.nanoTime() - start) * 1e-9;
        spec.commandLine()
            .getErr()
            .printf("%d tokens, %.0f tokens/s%n", tokens, (tokens - UNMEASURED) / seconds);
      }
    }
    return 0;
  }

  private int[] ids(ModelConfig config) {
    if (prompt != null && promptIds == null) {
      if (config.vocabulary() != BYTES) {
        throw new IllegalArgumentException(
            "--prompt needs a byte-level model; this one has %d tokens, use --prompt-ids"
                .formatted(config.vocabulary()));
      }
      byte[] bytes = prompt.getBytes(StandardCharsets.UTF_8);
      if (bytes.length == 0) {
        throw new IllegalArgumentException("--prompt is empty; give at least one character");
      }
      return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF).toArray();
    }
    if (promptIds == null || prompt != null) {
      throw new IllegalArgumentException("give either --prompt TEXT or --prompt-ids ID,ID,…");
    }
    for (int id : promptIds) {
      if (id < 0 || id >= config.vocabulary()) {
        throw new IllegalArgumentException(
            "--prompt-ids: %d is not a token of this model, which has 0 to %d"
                .formatted(id, config.vocabulary() - 1));
      }
    }
    return promptIds;
  }
}
