package dev.sluice.cli.compare;

import dev.sluice.cli.bench.BenchOp;
import dev.sluice.cli.bench.Machine;
import dev.sluice.cli.bench.OpRun;
import dev.sluice.cli.bench.SequenceSize;
import dev.sluice.cli.bench.Stopwatch;
import dev.sluice.cli.bench.Timing;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Implementation;
import dev.sluice.tasks.graph.OpProbe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Runs work on one device.
///
/// @param machine the device and what it can do
/// @param label its label
/// @param stopwatch measures
record CompareRun(Machine machine, String label, Stopwatch stopwatch) {
  /// Values of each result that are kept.
  private static final int SAMPLES = 64;

  /// Odd and large, so that samples lie all over a result and in every column.
  private static final long STRIDE = 2_654_435_761L;

  private static final String ONLY = "only";

  /// One op in every form that the device has.
  List<CompareEntry> op(BenchOp op, SequenceSize size, boolean gradients) {
    List<@Nullable Implementation> forms = new ArrayList<>(op.on(machine.device()));
    if (forms.isEmpty()) {
      forms.add(null);
    }
    List<CompareEntry> entries = new ArrayList<>();
    for (Implementation form : forms) {
      String work =
          "%s %s %s".formatted(op.name(), gradients ? "forward+backward" : "forward", size);
      String name = form == null ? ONLY : form.id();
      boolean reduced = form != null && form.reducedPrecision();
      try {
        entries.add(run(op, size, gradients, form, work, name, reduced));
      } catch (GraphException | IllegalArgumentException e) {
        entries.add(CompareEntry.failed(work, label, name, reduced, reason(e)));
      }
    }
    return entries;
  }

  private CompareEntry run(
      BenchOp op,
      SequenceSize size,
      boolean gradients,
      @Nullable Implementation form,
      String work,
      String name,
      boolean reduced) {
    Device device = machine.device();
    SequencedMap<String, List<Double>> samples = new LinkedHashMap<>();
    double first;
    long began = System.nanoTime();
    try (OpRun run = new OpRun(op, form, size, gradients, true, device)) {
      run.run();
      first = (System.nanoTime() - began) * 1e-9;
      run.results()
          .forEach((tensor, values) -> {
            String result = tensor.equals(OpRun.OUTPUT) ? tensor : OpProbe.GRADIENT + tensor;
            samples.put(result, samples(result, values));
          });
    }
    try (OpRun run = new OpRun(op, form, size, gradients, false, device)) {
      Timing timing = stopwatch.time(run::run);
      double operations = op.work().of(size) * (gradients ? op.training() : 1);
      return new CompareEntry(
          work,
          label,
          name,
          reduced,
          timing,
          first,
          operations / timing.median() / machine.ceiling().multiplyAdd(),
          run.bytes() / timing.median() / machine.ceiling().copy(),
          samples,
          List.of(),
          null);
    }
  }

  /// A sample of the values, at places that depend on their number only.
  ///
  /// @throws GraphException if one of them is not finite
  static List<Double> samples(String result, float[] values) {
    List<Double> samples = new ArrayList<>();
    for (int i = 0; i < Math.min(SAMPLES, values.length); i++) {
      float value = values[(int) (i * STRIDE % values.length)];
      if (!Float.isFinite(value)) {
        throw new GraphException("result '" + result + "' is not finite");
      }
      samples.add((double) value);
    }
    return samples;
  }

  static String reason(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown reason");
  }
}
