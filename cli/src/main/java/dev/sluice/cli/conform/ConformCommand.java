package dev.sluice.cli.conform;

import dev.sluice.checkpoint.CheckpointException;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.TensorSource;
import dev.sluice.cli.exit.ExitCode;
import dev.sluice.cli.options.DeviceOptions;
import dev.sluice.models.ModelException;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.ChoiceException;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.GraphException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice conform`.
@Command(
    name = "conform",
    description =
        "Compares ops and models with numbers computed elsewhere, in every implementation.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything agrees",
      "1:something does not agree",
      "2:an op, a model type or an implementation is unknown"
    },
    footer = {"", "Example: sluice conform path/to/conformance"})
public final class ConformCommand implements Callable<Integer> {
  private static final String SUFFIX = ".safetensors";

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "PATH",
      description =
          "Files of ops (.safetensors with inputs and results), folders of models (with config.json and expected.safetensors), or folders of these.")
  private List<Path> paths = List.of();

  @Option(names = "--json", description = "Show each comparison as a line of JSON.")
  private boolean json;

  @Mixin private DeviceOptions where = new DeviceOptions();

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public ConformCommand() {}

  @Override
  public Integer call() {
    Device device = where.device();
    List<Comparison> all = new ArrayList<>();
    Set<String> met = new LinkedHashSet<>();
    boolean unknown = false;
    for (Path path : expand(paths)) {
      List<Comparison> made = new ArrayList<>();
      boolean known = true;
      try {
        if (Files.isDirectory(path)) {
          Choices choices = where.choices();
          made.addAll(ModelConformance.check(path, device, choices));
          where.explain(choices, spec.commandLine().getErr());
          met.addAll(choices.made().keySet());
        } else {
          checkOp(path, device, where.implementations(), made, met);
        }
      } catch (UnknownKindException | ChoiceException e) {
        spec.commandLine().getErr().println("sluice: " + e.getMessage());
        known = false;
      } catch (CheckpointException | ModelException | GraphException | IllegalArgumentException e) {
        made.add(Comparison.failed(path.toString(), "-", String.valueOf(e.getMessage())));
      }
      if (known && made.isEmpty()) {
        made.add(Comparison.failed(path.toString(), "-", "nothing to compare"));
      }
      made.forEach(this::show);
      all.addAll(made);
      unknown |= !known;
    }
    long failed = all.stream().filter(c -> !c.agrees()).count();
    if (!json) {
      spec.commandLine().getOut().printf("%d comparisons, %d do not agree%n", all.size(), failed);
    }
    spec.commandLine().getOut().flush();
    if (failed > 0) {
      return ExitCode.FAILED;
    }
    if (unknown) {
      return CommandLine.ExitCode.USAGE;
    }
    Choices.expectAllUsed(where.implementations().keySet(), met);
    return 0;
  }

  private static void checkOp(
      Path path,
      Device device,
      Map<String, String> forced,
      List<Comparison> made,
      Set<String> met) {
    try (TensorSource source = TensorSource.open(path)) {
      OpConformance.check(source, device, forced, made, met);
    }
  }

  private void show(Comparison c) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      SequencedMap<String, Object> map = new LinkedHashMap<>();
      map.put("what", c.what());
      map.put("implementation", c.implementation());
      map.put("tensor", c.tensor());
      map.put("error", Double.isFinite(c.error()) ? (Object) c.error() : "not finite");
      map.put("tolerance", c.tolerance());
      map.put("agrees", c.agrees());
      out.println(JsonFiles.line(map));
    } else {
      out.printf(
          "%-6s %-34s %-30s %-16s %.2e of %.0e%n",
          c.agrees() ? "ok" : "FAILED",
          c.what(),
          c.implementation(),
          c.tensor(),
          c.error(),
          c.tolerance());
    }
  }

  private static List<Path> expand(List<Path> given) {
    List<Path> found = new ArrayList<>();
    for (Path path : given) {
      if (!Files.exists(path)) {
        throw new IllegalArgumentException(path + ": there is no such file or folder");
      }
      if (Files.isRegularFile(path) || Files.exists(path.resolve("config.json"))) {
        found.add(path);
      } else {
        found.addAll(expand(children(path)));
      }
    }
    return found;
  }

  private static List<Path> children(Path folder) {
    try (var stream = Files.list(folder)) {
      return stream
          .filter(p -> Files.isDirectory(p) || p.toString().endsWith(SUFFIX))
          .sorted()
          .toList();
    } catch (java.io.IOException e) {
      throw new IllegalArgumentException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
  }
}
