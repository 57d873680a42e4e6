package dev.sluice.cli.bench;

import dev.sluice.tasks.ceiling.Finish;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Implementation;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// One op in one form on one device, ready to be run again and again: its inputs lie on the device,
/// its results stay there.
public final class OpRun implements AutoCloseable {
  /// Name of the op's result among those of [#results].
  public static final String OUTPUT = "output";

  private static final String GRAPH = "op";
  private static final int FLOAT_BYTES = 4;

  private final Program program;
  private final long bytes;
  private final SequencedMap<String, Tensor> read = new LinkedHashMap<>();

  /// Builds the op's graph.
  ///
  /// @param form the implementation to take; null for the device's choice
  /// @param gradients whether those of all inputs are computed too
  /// @param kept whether results come to the host, to be looked at; else only the end is waited for
  /// @throws dev.sluice.tasks.graph.GraphException if it cannot be built or does not run there
  public OpRun(
      BenchOp op,
      @Nullable Implementation form,
      SequenceSize size,
      boolean gradients,
      boolean kept,
      Device device) {
    Map<String, String> forced = form == null ? Map.of() : Map.of(op.part(), form.id());
    Graph graph = new Graph(GRAPH, device, new Variables(), Choices.forcing(forced));
    OpInputs inputs = new OpInputs(graph, size, gradients);
    Tensor output = graph.output(op.build().apply(inputs));
    read.put(OUTPUT, output);
    long given = inputs.floats();
    if (gradients) {
      List<Tensor> named = List.copyOf(inputs.tensors());
      graph.backward(Map.of(output, inputs.cotangent(output.shape())));
      named.forEach(input -> read.put(input.name(), graph.gradient(input)));
    }
    if (!kept) {
      Finish.append(graph);
    }
    bytes = FLOAT_BYTES * (gradients ? 3 * given + 2L * output.size() : given + output.size());
    program = Program.of(device, graph.variables(), List.of(graph));
    inputs.fill(program);
  }

  /// Bytes that have to be moved at least: every input read and the result written, and for
  /// gradients inputs and the result's gradient read again and the inputs' gradients written.
  public long bytes() {
    return bytes;
  }

  /// Runs it once.
  public void run() {
    program.run(GRAPH);
  }

  /// Runs it once, timed by the runtime's profiler.
  public double kernelSeconds() {
    return program.kernelSeconds(GRAPH);
  }

  /// The result, and the gradients by the names of the inputs, where they are kept.
  public SequencedMap<String, float[]> results() {
    SequencedMap<String, float[]> results = new LinkedHashMap<>();
    read.forEach((name, tensor) -> results.put(name, program.read(tensor)));
    return results;
  }

  @Override
  public void close() {
    program.close();
  }
}
