package dev.sluice.tasks.ops.adamw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdamWOpTest {
  private static final int[] SIZES = {1, 37, 10_000, 1024, 5};

  static List<Trial> trials() {
    return OpCheck.trials(AdamWOp.NAME, AdamWImplementation.class);
  }

  /// A program with the step alone; the norm is written by the test.
  private static final class Setup implements AutoCloseable {
    private final Variables variables = new Variables();
    private final Tensor norm;
    private final Tensor settings;
    private final Program program;

    Setup(Trial trial) {
      for (int i = 0; i < SIZES.length; i++) {
        variables.parameter("p" + i, Shape.of(SIZES[i]), Initializer.constant(0.0f), i % 2 == 0);
      }
      Graph graph = new Graph("update", trial.device(), variables, trial.choices());
      norm = graph.input("norm", Shape.of(1), ElementType.FLOAT32);
      settings = AdamWOp.settings(variables);
      AdamWOp.apply(graph, norm, settings);
      program = Program.of(trial.device(), variables, List.of(graph));
      for (Parameter parameter : variables.parameters()) {
        int size = parameter.value().size();
        program.write(parameter.value(), OpCheck.normal(size, size));
        program.write(parameter.gradient(), OpCheck.normal(size + 1, size));
      }
    }

    Tensor moment(Parameter parameter, String suffix) {
      return variables.variable(
          parameter.name() + suffix, parameter.value().shape(), ElementType.FLOAT32);
    }

    List<float[]> everything() {
      List<float[]> all = new ArrayList<>();
      for (Parameter p : variables.parameters()) {
        all.add(program.read(p.value()));
        all.add(program.read(p.gradient()));
        all.add(program.read(moment(p, AdamWOp.FIRST_MOMENT)));
        all.add(program.read(moment(p, AdamWOp.SECOND_MOMENT)));
      }
      return all;
    }

    @Override
    public void close() {
      program.close();
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReferenceOverThreeSteps(Trial trial) {
    try (Setup setup = new Setup(trial)) {
      List<AdamWReference.State> states = new ArrayList<>();
      for (Parameter p : setup.variables.parameters()) {
        int size = p.value().size();
        states.add(
            new AdamWReference.State(
                OpCheck.doubles(setup.program.read(p.value())),
                OpCheck.doubles(setup.program.read(p.gradient())),
                new double[size],
                new double[size],
                p.decays()));
      }
      // Clipped, not clipped, and clipping off.
      float[] norms = {3.0f, 0.5f, 9.0f};
      float[] clips = {1.0f, 1.0f, 0.0f};
      for (int step = 1; step <= 3; step++) {
        float[] settings = AdamWOp.settingsOf(1e-2, 0.9, 0.95, 1e-8, 0.1, clips[step - 1], step);
        setup.program.write(setup.settings, settings);
        setup.program.write(setup.norm, norms[step - 1]);
        setup.program.run("update");
        int i = 0;
        for (Parameter p : setup.variables.parameters()) {
          AdamWReference.State state = states.get(i++);
          AdamWReference.step(state, OpCheck.doubles(settings), norms[step - 1]);
          check(setup, p, state);
          float[] next = OpCheck.normal(100L * step + i, p.value().size());
          setup.program.write(p.gradient(), next);
          System.arraycopy(OpCheck.doubles(next), 0, state.g(), 0, next.length);
        }
      }
    }
  }

  private static void check(Setup setup, Parameter p, AdamWReference.State state) {
    Program program = setup.program;
    OpCheck.assertClose(p.name(), state.p(), program.read(p.value()), OpCheck.OUTPUT);
    OpCheck.assertClose(p.name() + " gradient", state.g(), program.read(p.gradient()), 0.0);
    OpCheck.assertClose(
        p.name() + " first moment",
        state.m(),
        program.read(setup.moment(p, AdamWOp.FIRST_MOMENT)),
        OpCheck.OUTPUT);
    OpCheck.assertClose(
        p.name() + " second moment",
        state.v(),
        program.read(setup.moment(p, AdamWOp.SECOND_MOMENT)),
        OpCheck.OUTPUT);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void touchesNothingIfTheNormIsNotFinite(Trial trial) {
    try (Setup setup = new Setup(trial)) {
      List<float[]> before = setup.everything();
      setup.program.write(setup.settings, AdamWOp.settingsOf(1e-2, 0.9, 0.95, 1e-8, 0.1, 1.0, 1));
      for (float norm : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        setup.program.write(setup.norm, norm);
        setup.program.run("update");
        List<float[]> after = setup.everything();
        for (int i = 0; i < before.size(); i++) {
          assertArrayEquals(before.get(i), after.get(i));
        }
      }
    }
  }
}
