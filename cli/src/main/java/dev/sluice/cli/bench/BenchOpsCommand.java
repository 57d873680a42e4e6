package dev.sluice.cli.bench;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Implementation;
import dev.sluice.tasks.names.NearestName;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice bench ops`.
@Command(
    name = "ops",
    description = "Measures every sequence op, forward and with gradients, in every form.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "A form is an implementation, as --implementation names it. Operations and bytes are those that the op needs at least, whatever its form does.",
      "",
      "Example: sluice bench ops --ops gla,hgrn --lengths 256,2048 --seconds 0.2"
    })
public final class BenchOpsCommand implements Callable<Integer> {
  private static final String NAME = "ops";
  private static final String FORWARD = "forward";
  private static final String TRAINING = "forward+backward";

  /// The form of an op that has one only.
  private static final String ONLY = "only";

  @Spec private CommandSpec spec;

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "NAME",
      description = "Only these ops, separated by commas. Default: all.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--lengths",
      split = ",",
      paramLabel = "N",
      defaultValue = "128,1024,4096",
      description = "Tokens of a sequence, each in turn. Default: ${DEFAULT-VALUE}.")
  private List<Integer> lengths = List.of();

  @Mixin private SizeOptions sizes = new SizeOptions();
  @Mixin private BenchOptions options = new BenchOptions();

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public BenchOpsCommand() {}

  @Override
  public Integer call() {
    List<BenchOp> ops = BenchOps.named(names);
    List<SequenceSize> wanted = sizes.sizes(lengths);
    checkForms(ops, options.where().device());
    BenchSession session = BenchSession.begin(spec, options, NAME);
    List<String> slower = new ArrayList<>();
    for (BenchOp op : ops) {
      for (SequenceSize size : wanted) {
        for (boolean gradients : List.of(false, true)) {
          List<BenchRow> rows = measure(session, op, size, gradients);
          rows.stream()
              .skip(1)
              .filter(row -> row.timing().median() < rows.getFirst().timing().median())
              .forEach(row ->
                  slower.add(
                      "%s: %.2f × as fast as the form that is taken"
                          .formatted(
                              row.name(),
                              rows.getFirst().timing().median() / row.timing().median())));
        }
      }
    }
    session.end();
    PrintWriter err = spec.commandLine().getErr();
    slower.forEach(err::println);
    err.flush();
    return 0;
  }

  /// Looks whether the forms that were asked for are there, before anything is measured, and says
  /// which are taken where none is asked for.
  private void checkForms(List<BenchOp> ops, Device device) {
    Map<String, String> forced = options.where().implementations();
    List<String> parts = ops.stream().map(BenchOp::part).distinct().toList();
    for (String op : forced.keySet()) {
      if (!parts.contains(op)) {
        throw new IllegalArgumentException(
            "--implementation: op '%s' is not among those measured%s"
                .formatted(op, NearestName.hint(op, parts)));
      }
    }
    PrintWriter err = spec.commandLine().getErr();
    for (BenchOp op : ops) {
      List<Implementation> forms = op.on(device, forced);
      if (options.where().explains() && !forms.isEmpty()) {
        err.println("  " + op.name() + ": " + forms.getFirst().id());
      }
    }
    err.flush();
  }

  /// The rows of all forms that were asked for, first that which the device takes by itself.
  private List<BenchRow> measure(
      BenchSession session, BenchOp op, SequenceSize size, boolean gradients) {
    Device device = session.device();
    List<@Nullable Implementation> forms =
        new ArrayList<>(op.on(device, options.where().implementations()));
    if (forms.isEmpty()) {
      forms.add(null);
    }
    List<BenchRow> rows = new ArrayList<>();
    for (Implementation form : forms) {
      long began = System.nanoTime();
      try (OpRun run = new OpRun(op, form, size, gradients, false, device)) {
        run.run();
        double first = (System.nanoTime() - began) * 1e-9;
        Timing timing = session.stopwatch().time(run::run);
        double work = op.work().of(size) * (gradients ? op.training() : 1);
        BenchRow row =
            BenchRow.of(
                    BenchRow.labels(
                        "op",
                        op.name(),
                        "pass",
                        gradients ? TRAINING : FORWARD,
                        "form",
                        form == null ? ONLY : form.id(),
                        "size",
                        size.toString()),
                    timing,
                    work,
                    (double) run.bytes(),
                    session.machine().ceiling())
                .with("first_s", first)
                .with("kernel_s", run.kernelSeconds());
        session.add(row);
        rows.add(row);
      }
    }
    return rows;
  }
}
