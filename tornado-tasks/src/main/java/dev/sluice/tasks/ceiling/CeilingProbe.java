package dev.sluice.tasks.ceiling;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.util.List;

/// The ceiling of any device, by kernels.
final class CeilingProbe {
  private static final String MULTIPLY_ADD = "multiply_add";
  private static final String COPY = "copy";
  private static final String COPIES = "copies";

  /// Work-items of multiply-adds: more than any device runs at once.
  private static final int ITEMS = 1 << 19;

  /// Floats that are copied: far more than any cache holds.
  private static final int COPIED = 1 << 26;

  /// Copies one after the other, for devices that copy faster than a run of one is begun and waited
  /// for.
  private static final int MANY = 48;

  /// A run this long is not falsified by what starting it costs.
  private static final double LONG = 0.02;

  private static final int REPEATS = 6;
  private static final int MOST_ROUNDS = 1 << 20;

  private CeilingProbe() {}

  static Ceiling measure(Device device) {
    Variables variables = new Variables();
    Choices choices = Choices.automatic();
    Graph adds = new Graph(MULTIPLY_ADD, device, variables, choices);
    Tensor rounds = adds.input("rounds", Shape.of(1), ElementType.INT32);
    Tensor factors = adds.input("factors", Shape.of(2), ElementType.FLOAT32);
    Tensor sums = variables.variable("sums", Shape.of(ITEMS), ElementType.FLOAT32);
    adds.node(MULTIPLY_ADD)
        .reads(rounds, factors)
        .writes(sums)
        .lower(t ->
            t.task(
                "run",
                Grid.PARALLEL,
                CeilingKernels::multiplyAdd,
                t.ints(rounds),
                t.floats(factors),
                t.floats(sums),
                ITEMS));
    Finish.append(adds);

    int copied = (int) Math.min(COPIED, device.memory() / 256);
    Shape shape = Shape.of(copied);
    Tensor from = variables.variable("from", shape, ElementType.FLOAT32);
    Tensor to = variables.variable("to", shape, ElementType.FLOAT32);
    Graph copy = new Graph(COPY, device, variables, choices);
    appendCopies(copy, 1, from, to);
    Graph copies = new Graph(COPIES, device, variables, choices);
    appendCopies(copies, MANY, from, to);

    try (Program program = Program.of(device, variables, List.of(adds, copy, copies))) {
      program.write(factors, 0.999f, 1e-3f);
      int count = 256;
      program.write(rounds, count);
      program.run(MULTIPLY_ADD);
      double seconds = best(program, MULTIPLY_ADD);
      while (seconds < LONG && count < MOST_ROUNDS) {
        count *= 4;
        program.write(rounds, count);
        seconds = best(program, MULTIPLY_ADD);
      }
      return new Ceiling(
          2.0 * CeilingKernels.CHAINS * count * ITEMS / seconds,
          2.0 * Float.BYTES * copied / secondsOfACopy(program));
    }
  }

  /// There and back in turn, so that none can begin before the one before it has ended.
  static void appendCopies(Graph graph, int count, Tensor from, Tensor to) {
    for (int i = 0; i < count; i++) {
      Tensor source = i % 2 == 0 ? from : to;
      Tensor target = i % 2 == 0 ? to : from;
      graph
          .node(COPY + i)
          .reads(source)
          .writes(target)
          .lower(t ->
              t.task(
                  "run",
                  Grid.PARALLEL,
                  CeilingKernels::copy,
                  t.floats(source),
                  t.floats(target),
                  source.size()));
    }
    Finish.append(graph);
  }

  private static double secondsOfACopy(Program program) {
    program.run(COPY);
    double one = best(program, COPY);
    if (one >= LONG) {
      return one;
    }
    program.run(COPIES);
    return best(program, COPIES) / MANY;
  }

  private static double best(Program program, String graph) {
    double best = Double.POSITIVE_INFINITY;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      long start = System.nanoTime();
      program.run(graph);
      best = Math.min(best, (System.nanoTime() - start) * 1e-9);
    }
    return best;
  }
}
