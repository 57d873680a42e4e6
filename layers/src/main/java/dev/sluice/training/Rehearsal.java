package dev.sluice.training;

import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A few steps of small copies of a model, on threads of their own, while the model itself is
/// built: one row of a few tokens, one layer of each kind, few words.
///
/// On the JVM, code of the Vector API is a hundred times slower until it is compiled, and compiling
/// it takes longer than the first step of a small model. A rehearsal runs the same kernels with the
/// same widths on fewer rows, so that the compiler is done with them when the first step begins. It
/// shares no array with the model, so the model's numbers are the same without it.
///
/// Who calls a kernel that is to be compiled waits for it. So two threads do the same steps: while
/// one waits, the other passes it and gets to the next kernel, which a second thread of the
/// compiler can take.
public final class Rehearsal implements AutoCloseable {
  /// Two chunks of those mixers that work on chunks. What is not compiled yet is slow, so there is
  /// little to do, but often.
  private static final int LENGTH = 32;

  /// Enough for the products of the head to be those of a larger one.
  private static final int VOCABULARY = 64;

  /// As many as it takes to have kernels compiled that are called once a step.
  private static final int STEPS = 24;

  /// More were no faster on two processors.
  private static final int THREADS = 2;

  /// Weights of the largest copy: a larger model's first step takes longer than the compiler does,
  /// and its copy more memory than it is worth.
  private static final long MOST_WEIGHTS = 2_000_000;

  /// Weights of a layer over the square of the model's width, about.
  private static final int LAYER_WEIGHTS = 12;

  private static final float[] OPTIMIZER = AdamWOp.settingsOf(1e-3, 0.9, 0.95, 1e-8, 0.1, 1, 1);

  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;

  private Rehearsal() {}

  /// Begins to rehearse; does nothing where that would not help.
  ///
  /// @param choices gives the run's, a new object each time
  /// @param length tokens of a row of the run
  /// @param dropout probability of a value being dropped
  public static Rehearsal begin(
      ModelConfig config, Device device, Supplier<Choices> choices, int length, float dropout) {
    ModelConfig copy =
        new ModelConfig(
            Math.min(config.vocabulary(), VOCABULARY),
            config.width(),
            config.intermediate(),
            config.eps(),
            config.tied(),
            config.initializerRange(),
            config.positions(),
            config.mixers().stream().distinct().toList());
    boolean useful =
        device.backend() == Backend.JVM
            && device.has(Feature.VECTOR_API)
            && weights(copy) <= MOST_WEIGHTS;
    Rehearsal rehearsal = new Rehearsal();
    if (useful) {
      int tokens = Math.min(length, LENGTH);
      for (int i = 0; i < THREADS; i++) {
        Choices own = choices.get();
        rehearsal.start(() -> rehearsal.steps(copy, device, own, tokens, dropout));
      }
    }
    return rehearsal;
  }

  private void start(Runnable steps) {
    threads.add(
        Thread.ofPlatform()
            .daemon()
            .name("sluice-rehearsal")
            // What fails here fails in the run, too, and is reported there.
            .uncaughtExceptionHandler((failed, reason) -> failure = reason)
            .start(steps));
  }

  private static long weights(ModelConfig config) {
    long width = config.width();
    return width * (2L * config.vocabulary() + LAYER_WEIGHTS * width * config.layers());
  }

  private void steps(ModelConfig copy, Device device, Choices choices, int length, float dropout) {
    try (TrainingProgram program =
        new TrainingProgram(new LanguageModel(copy), device, choices, 1, length, dropout)) {
      program.program().initialize(1);
      int[] tokens = new int[length];
      for (int i = 0; i < length; i++) {
        tokens[i] = i % copy.vocabulary();
      }
      for (int step = 0; step < STEPS && !closed; step++) {
        program.accumulate(tokens, tokens, length, 1, step, 0);
        program.update(OPTIMIZER);
      }
    }
  }

  /// Waits until all is rehearsed.
  public void await() {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What went wrong, once all is rehearsed.
  @Nullable Throwable failure() {
    return failure;
  }

  /// Leaves out what is not rehearsed yet.
  @Override
  public void close() {
    closed = true;
    await();
  }
}
