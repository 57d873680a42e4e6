package dev.sluice.cli.bench.cpu;

import dev.sluice.models.GlaConfig;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import dev.sluice.training.Generator;
import dev.sluice.training.TrainingProgram;
import java.util.Collections;
import java.util.Random;

/// Whole models: the training step, its memory, and generation.
final class CpuModels {
  private static final double SMALL_OF_PEAK = 0.45;
  private static final double LARGE_OF_PEAK = 0.60;
  private static final double OF_BANDWIDTH = 0.60;
  private static final double OF_PLAN = 1.15;

  /// Operations of a weight and token: a multiply-add forward, two backward.
  private static final int OPERATIONS = 6;

  /// The same of a state's element and token in gated linear attention.
  private static final int STATE_OPERATIONS = 15;

  private static final float[] OPTIMIZER = AdamWOp.settingsOf(1e-3, 0.9, 0.95, 1e-8, 0.1, 1, 1);

  /// A GLA model and its batch.
  record Size(int width, int layers, int heads, int batch, int length, int vocabulary) {
    ModelConfig config() {
      GlaConfig mixer = GlaConfig.of(heads, 1, 1, 0);
      return ModelConfig.of(vocabulary, width, Collections.nCopies(layers, mixer));
    }

    @Override
    public String toString() {
      return "d%d L%d H%d B%d T%d V%d".formatted(width, layers, heads, batch, length, vocabulary);
    }
  }

  static final Size SMALL = new Size(64, 2, 2, 64, 64, 8192);
  static final Size LARGE = new Size(384, 6, 6, 4, 512, 256);

  private final CpuBench bench;

  CpuModels(CpuBench bench) {
    this.bench = bench;
  }

  void measure() {
    bench.measureCeilings();
    step(LARGE, LARGE_OF_PEAK, true);
    bench.measureCeilings();
    step(SMALL, SMALL_OF_PEAK, false);
    generation();
  }

  private void step(Size size, double wanted, boolean memory) {
    if (!bench.wants("training step GLA " + size)) {
      return;
    }
    long before = heap();
    try (TrainingProgram program = program(size)) {
      Runnable step = step(program, size);
      double seconds = bench.clock().fastest(bench.threads(), step);
      double reached = operations(program, size) / seconds / bench.peak(bench.threads());
      bench.add(
          CpuRow.atLeast(
              "training step GLA " + size,
              bench.threads(),
              seconds,
              CpuRow.OF_PEAK,
              reached,
              wanted));
      if (memory) {
        double used = heap() - before;
        bench.add(
            CpuRow.atMost(
                "memory of a step, GLA " + size,
                bench.threads(),
                0,
                "of the plan",
                used / program.plannedBytes(),
                OF_PLAN));
      }
    }
  }

  /// Seconds of a step.
  double stepSeconds(Size size) {
    try (TrainingProgram program = program(size)) {
      return bench.clock().fastest(bench.threads(), step(program, size));
    }
  }

  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private TrainingProgram program(Size size) {
    TrainingProgram program =
        new TrainingProgram(
            new LanguageModel(size.config()),
            bench.device(),
            Choices.automatic(),
            size.batch(),
            size.length(),
            0);
    program.program().initialize(1);
    return program;
  }

  /// A step on tokens drawn once.
  static Runnable step(TrainingProgram program, Size size) {
    int tokens = size.batch() * size.length();
    int[] ids = new Random(1).ints(tokens, 0, size.vocabulary()).toArray();
    int[] labels = new Random(2).ints(tokens, 0, size.vocabulary()).toArray();
    return () -> {
      program.accumulate(ids, labels, tokens, 1, 0, 0);
      program.update(OPTIMIZER);
    };
  }

  /// The table that tokens are looked up in multiplies nothing.
  private static double operations(TrainingProgram program, Size size) {
    double tokens = (double) size.batch() * size.length();
    double weights =
        program.program().variables().parameterCount() - (double) size.vocabulary() * size.width();
    double states = (double) size.width() * (size.width() / size.heads()) * size.layers();
    return tokens * (OPERATIONS * weights + STATE_OPERATIONS * states);
  }

  private void generation() {
    if (!bench.wants("generation")) {
      return;
    }
    try (Generator generator =
        new Generator(new LanguageModel(LARGE.config()), bench.device(), Choices.automatic())) {
      generator.program().initialize(1);
      double seconds = bench.clock().fastest(bench.threads(), () -> generator.read(65));
      long weights =
          generator.program().variables().parameterCount()
              - (long) LARGE.vocabulary() * LARGE.width();
      double reached = 4.0 * weights / seconds / bench.copyRate();
      bench.add(
          CpuRow.atLeast(
              "generation, GLA d%d L%d, a token".formatted(LARGE.width(), LARGE.layers()),
              bench.threads(),
              seconds,
              "of copy, weights",
              reached,
              OF_BANDWIDTH));
    }
  }
}
