package dev.sluice.cli;

import dev.sluice.data.Dataset;
import dev.sluice.data.MqarDataset;
import dev.sluice.data.MqarOptions;
import dev.sluice.data.Split;
import dev.sluice.data.TextCorpus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import picocli.CommandLine.Option;

/// What a model is trained or evaluated on.
final class DataOptions {
  /// The tasks that there are.
  enum Task {
    /// Multi-query associative recall.
    MQAR,
    /// Bytes of a text.
    TEXT
  }

  /// Training and held-out data.
  record Data(Dataset training, Dataset heldOut) {}

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
      defaultValue = "32",
      description = "Vocabulary of mqar. Default: ${DEFAULT-VALUE}.")
  int vocabulary;

  @Option(
      names = "--length",
      defaultValue = "32",
      description = "Tokens of an example. Default: ${DEFAULT-VALUE}.")
  int length;

  @Option(
      names = "--pairs",
      defaultValue = "2",
      description = "Key-value pairs of mqar. Default: ${DEFAULT-VALUE}.")
  int pairs;

  int vocabulary() {
    return task == Task.MQAR ? vocabulary : TEXT_VOCABULARY;
  }

  Data read(long seed) {
    if (length < 1) {
      throw new IllegalArgumentException("--length %d: must be at least 1".formatted(length));
    }
    return switch (task) {
      case MQAR -> {
        MqarOptions options = new MqarOptions(vocabulary, length, pairs);
        yield new Data(
            new MqarDataset(options, seed, Split.TRAINING),
            new MqarDataset(options, seed, Split.HELD_OUT).first(HELD_OUT_EXAMPLES));
      }
      case TEXT -> {
        if (text.isEmpty()) {
          throw new IllegalArgumentException(
              "--task text needs --text PATH: a file, folder or zip");
        }
        TextCorpus corpus = TextCorpus.read(text);
        yield new Data(
            corpus.dataset(Split.TRAINING, length), corpus.dataset(Split.HELD_OUT, length));
      }
    };
  }

  void record(SequencedMap<String, Object> into) {
    into.put("task", task.name().toLowerCase(java.util.Locale.ROOT));
    into.put("text", text.stream().map(p -> p.toAbsolutePath().toString()).toList());
    into.put("vocab", vocabulary);
    into.put("length", length);
    into.put("pairs", pairs);
  }
}
