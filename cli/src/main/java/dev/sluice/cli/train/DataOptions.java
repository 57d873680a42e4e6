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
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a model is trained or evaluated on.
final class DataOptions {
  /// The tasks that there are, each with what it is trained with where nothing else is asked for.
  enum Task {
    /// Multi-query associative recall.
    mqar("token", 32, 64, 64, 1200, 1e-2),
    /// Bytes of a text.
    text("byte", 1024, 128, 4, 1000, 5e-3);

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
      paramLabel = "NAME",
      required = true,
      description =
          "The task: mqar (multi-query associative recall) or text (each next byte of --text).")
  Task task = Task.mqar;

  @Option(
      names = "--text",
      paramLabel = "PATH",
      description =
          "File, folder or zip archive for task text. Its last tenth is held out. May be repeated.")
  List<Path> text = new ArrayList<>();

  @Option(
      names = "--vocab",
      paramLabel = "N",
      description = "Size of the vocabulary of mqar. Default: 32, in eval that of the training.")
  @Nullable Integer vocabulary;

  @Option(
      names = "--length",
      paramLabel = "N",
      description =
          "Tokens of an example; bytes for text. Default: 32 for mqar, 1024 for text, in eval that of the training.")
  @Nullable Integer length;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description =
          "Key-value pairs of an example of mqar, at most a quarter of its tokens. Default: 2, in eval those of the training.")
  @Nullable Integer pairs;

  private JsonObject trained = JsonObject.of("options", new LinkedHashMap<>());

  /// What is not given is from now on as in a run that was recorded, if it had the same task.
  void asIn(JsonObject recorded) {
    if (recorded.text(TASK, "").equals(taskName())) {
      trained = recorded;
    }
  }

  int vocabulary() {
    return task == Task.mqar ? mqarVocabulary() : TEXT_VOCABULARY;
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
    return task.name();
  }

  Data read(long seed) {
    int length = length();
    OptionChecks.positive("--length", length);
    return switch (task) {
      case mqar -> {
        MqarOptions options =
            OptionChecks.named(() -> new MqarOptions(mqarVocabulary(), length, pairs()));
        yield new Data(
            new MqarDataset(options, seed, Split.TRAINING),
            new MqarDataset(options, seed, Split.HELD_OUT).first(HELD_OUT_EXAMPLES));
      }
      case text -> {
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
