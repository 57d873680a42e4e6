package dev.sluice.cli.train;

import dev.sluice.cli.options.OptionChecks;
import dev.sluice.models.MixerPattern;
import dev.sluice.models.MixerSizes;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.ModelTypes;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The model that is trained.
final class ModelOptions {
  /// The mixers that there are, for the help text.
  static final class MixerNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ModelTypes.mixers().iterator();
    }
  }

  @Option(
      names = "--mixer",
      defaultValue = "gla",
      paramLabel = "PATTERN",
      completionCandidates = MixerNames.class,
      description =
          "What mixes along time: ${COMPLETION-CANDIDATES}. Several, such as gla*3,attention (three and one), are repeated over the layers. Default: ${DEFAULT-VALUE}.")
  private String pattern = "gla";

  @Option(
      names = "--dim",
      paramLabel = "N",
      description = "Width of the model. Default: 64 for mqar, 128 for text.")
  private @Nullable Integer width;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Number of layers. Default: ${DEFAULT-VALUE}.")
  private int layers;

  @Option(
      names = "--heads",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Heads of a layer, where its mixer has any; they share the width. Default: ${DEFAULT-VALUE}.")
  private int heads;

  @Option(
      names = "--conv",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "Tokens that the short convolutions before a mixer see; 0 for no convolutions (mamba and mamba2, which need them, then see 4). Default: ${DEFAULT-VALUE}.")
  private int convolution;

  /// @throws IllegalArgumentException if a size is out of range
  void check(DataOptions.Task task) {
    OptionChecks.positive("--dim", width(task));
    OptionChecks.positive("--layers", layers);
    OptionChecks.positive("--heads", heads);
    if (convolution < 0) {
      throw new IllegalArgumentException("--conv %d: must be at least 0".formatted(convolution));
    }
  }

  /// The configuration for examples of `length` tokens.
  ModelConfig config(DataOptions data, int length) {
    int dim = width(data.task);
    MixerSizes sizes = new MixerSizes(dim, heads, convolution, length);
    return OptionChecks.named(() ->
        ModelConfig.of(data.vocabulary(), dim, MixerPattern.parse(pattern).mixers(sizes, layers))
            .forLength(length));
  }

  private int width(DataOptions.Task task) {
    return width != null ? width : task.width;
  }
}
