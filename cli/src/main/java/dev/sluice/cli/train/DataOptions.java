package dev.sluice.cli.train;

import dev.sluice.checkpoint.JsonObject;
import dev.sluice.cli.options.OptionChecks;
import dev.sluice.data.Dataset;
import dev.sluice.data.MqarDataset;
import dev.sluice.data.MqarOptions;
import dev.sluice.data.Split;
import dev.sluice.data.TextCorpus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a model is trained or evaluated on.
final class DataOptions {
  /// The tasks that there are, each with what it is trained with where nothing else is asked for.
  enum Task {
    /// Multi-query associative recall.
    MQAR("token", 32, 64, 64, 1200, 1e-2),
    /// Bytes of a text.
    TEXT("byte", 1024, 128, 4, 1000, 5e-3);

    /// What a token is called.
    final String unit;

    private final int length;
    final int width;
    final int batch;
    final long steps;
    final double rate;

    Task(String unit, int length, int width, int batch, long steps, double rate) {
      this.unit = unit;
      this.length = length;
      this.width = width;
      this.batch = batch;
      this.steps = steps;
      this.rate = rate;
    }
  }

  /// Training and held-out data.
  record Data(Dataset training, Dataset heldOut) {}

  private static final String TASK = "task";
  private static final String VOCABULARY = "vocab";
  private static final String LENGTH = "length";
  private static final String PAIRS = "pairs";
  private static final int HELD_OUT_EXAMPLES = 512;
  private static final int TEXT_VOCABULARY = 256;

  @Option(
      names = "--task",
      required = true,
      description =
          "What to learn: ${COMPLETION-CANDIDATES} (multi-query associative recall, or bytes of --text).")
  Task task = Task.MQAR;

  @Option(
      names = "--text",
      paramLabel = "PATH",
      description =
          "File, folder or zip archive to learn from; may be repeated. The last tenth is held out.")
  List<Path> text = new ArrayList<>();

  @Option(
      names = "--vocab",
      description = "Vocabulary of mqar. Default: as the checkpoint was trained, else 32.")
  @Nullable Integer vocabulary;

  @Option(
      names = "--length",
      description =
          "Tokens of an example. Default: as the checkpoint was trained, else 32 for mqar and 1024 for text.")
  @Nullable Integer length;

  @Option(
      names = "--pairs",
      description = "Key-value pairs of mqar. Default: as the checkpoint was trained, else 2.")
  @Nullable Integer pairs;

  private JsonObject trained = JsonObject.of("options", new LinkedHashMap<>());

  /// What is not given is from now on as in a run that was recorded, if it had the same task.
  void asIn(JsonObject recorded) {
    if (recorded.text(TASK, "").equals(taskName())) {
      trained = recorded;
    }
  }

  int vocabulary() {
    return task == Task.MQAR ? mqarVocabulary() : TEXT_VOCABULARY;
  }

  private int mqarVocabulary() {
    return vocabulary != null ? vocabulary : trained.integer(VOCABULARY, 32);
  }

  private int length() {
    return length != null ? length : trained.integer(LENGTH, task.length);
  }

  private int pairs() {
    return pairs != null ? pairs : trained.integer(PAIRS, 2);
  }

  private String taskName() {
    return task.name().toLowerCase(Locale.ROOT);
  }

  Data read(long seed) {
    int length = length();
    OptionChecks.positive("--length", length);
    return switch (task) {
      case MQAR -> {
        MqarOptions options =
            OptionChecks.named(() -> new MqarOptions(mqarVocabulary(), length, pairs()));
        yield new Data(
            new MqarDataset(options, seed, Split.TRAINING),
            new MqarDataset(options, seed, Split.HELD_OUT).first(HELD_OUT_EXAMPLES));
      }
      case TEXT -> {
        if (text.isEmpty()) {
          throw new IllegalArgumentException(
              "--task text needs --text PATH: a file, folder or zip");
        }
        text.forEach(path -> OptionChecks.present("--text", path));
        TextCorpus corpus = TextCorpus.read(text);
        yield new Data(
            corpus.dataset(Split.TRAINING, length), corpus.dataset(Split.HELD_OUT, length));
      }
    };
  }

  void record(SequencedMap<String, Object> into) {
    into.put(TASK, taskName());
    into.put("text", text.stream().map(p -> p.toAbsolutePath().toString()).toList());
    into.put(VOCABULARY, mqarVocabulary());
    into.put(LENGTH, length());
    into.put(PAIRS, pairs());
  }
}
