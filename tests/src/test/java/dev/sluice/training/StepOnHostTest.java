package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.models.GlaConfig;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.host.HostThreads;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A training step on the JVM's device: what it allocates, and that threads do not change it.
class StepOnHostTest {
  private static final int BATCH = 4;
  private static final int LENGTH = 48;
  private static final int VOCABULARY = 128;
  private static final int WIDTH = 64;
  private static final int HEADS = 2;
  private static final int LAYERS = 2;
  private static final int CONVOLUTION = 4;
  private static final int STEPS = 100;

  /// Bytes a step may allocate on all threads; its activations alone are some megabytes. Usually it
  /// is 2 KB, but where the compiler came to a method at a bad moment it keeps one vector of each
  /// token and head as an object, 150 KB a step.
  private static final long BYTES_OF_STEP = 256 << 10;

  /// Rounds until the compiler has been everywhere: until then, each vector is an object.
  private static final int ROUNDS = 60;

  private static final float[] OPTIMIZER = AdamWOp.settingsOf(1e-3, 0.9, 0.95, 1e-8, 0.1, 1, 1);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static TrainingProgram program(float dropout) {
    GlaConfig mixer = GlaConfig.of(HEADS, 1, 1, CONVOLUTION);
    ModelConfig config = ModelConfig.of(VOCABULARY, WIDTH, Collections.nCopies(LAYERS, mixer));
    TrainingProgram program =
        new TrainingProgram(
            new LanguageModel(config),
            Devices.preferred(),
            Choices.automatic(),
            BATCH,
            LENGTH,
            dropout);
    program.program().initialize(1);
    return program;
  }

  private static Runnable step(TrainingProgram program) {
    int tokens = BATCH * LENGTH;
    int[] ids = new Random(1).ints(tokens, 0, VOCABULARY).toArray();
    int[] labels = new Random(2).ints(tokens, 0, VOCABULARY).toArray();
    return () -> {
      program.accumulate(ids, labels, tokens, 1, 0, 0);
      program.update(OPTIMIZER);
    };
  }

  private static long allocated() {
    long[] threads = THREADS.getAllThreadIds();
    return Arrays.stream(THREADS.getThreadAllocatedBytes(threads)).filter(b -> b > 0).sum();
  }

  /// In a JVM of its own: what the compiler keeps as objects depends on all that ran before, and on
  /// the coverage agent.
  @Test
  void allocatesNextToNothing(@TempDir Path folder) throws IOException, InterruptedException {
    Path result = folder.resolve("bytes");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-XX:+UseParallelGC",
                "-cp",
                System.getProperty("java.class.path"),
                StepOnHostTest.class.getName(),
                result.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertEquals(0, child.waitFor(), () -> read(folder.resolve("log")));
    long bytes = Long.parseLong(read(result));
    assertTrue(bytes <= BYTES_OF_STEP, () -> "a step allocates " + bytes + " bytes");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes how many bytes a step allocates, once the code is warm, into the file named.
  public static void main(String[] arguments) throws IOException {
    Files.writeString(Path.of(arguments[0]), Long.toString(bytesOfStep()));
  }

  private static long bytesOfStep() {
    try (TrainingProgram program = program(0.1f)) {
      Runnable step = step(program);
      long least = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS && least > BYTES_OF_STEP * STEPS; round++) {
        long before = allocated();
        for (int i = 0; i < STEPS; i++) {
          step.run();
        }
        least = Math.min(least, allocated() - before);
      }
      return least / STEPS;
    }
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    try (TrainingProgram one = program(0.1f);
        TrainingProgram all = program(0.1f)) {
      Runnable alone = step(one);
      Runnable shared = step(all);
      for (int i = 0; i < 3; i++) {
        HostThreads.alone(alone);
        shared.run();
      }
      for (Parameter parameter : one.program().variables().parameters()) {
        assertArrayEquals(
            one.program().read(parameter.value()),
            all.program()
                .read(
                    all.program().variables().parameters().stream()
                        .filter(p -> p.name().equals(parameter.name()))
                        .findFirst()
                        .orElseThrow()
                        .value()),
            parameter.name());
      }
    }
  }
}
