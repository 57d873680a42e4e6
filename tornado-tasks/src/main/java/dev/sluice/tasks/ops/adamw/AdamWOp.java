package dev.sluice.tasks.ops.adamw;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.util.ArrayList;
import java.util.List;

/// Adam with decoupled weight decay over all parameters, with clipping by the gradient norm: `g ←
/// g·min(1, clip/(norm + 1e-6))`, `m ← β1·m + (1−β1)·g`, `v ← β2·v + (1−β2)·g²`, `p ← p·(1 −
/// lr·decay) − lr·m̂/(√v̂ + eps)`, `m̂ = m/(1−β1^t)`, `v̂ = v/(1−β2^t)`. The gradients are set to 0
/// in the same pass. If the norm is not finite, nothing changes; who runs the step sees it by the
/// norm.
///
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.
public final class AdamWOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "adamw";

  /// Slot of the settings: learning rate.
  public static final int LEARNING_RATE = 0;

  /// Slot of the settings: decay of the first moment.
  public static final int BETA1 = 1;

  /// Slot of the settings: decay of the second moment.
  public static final int BETA2 = 2;

  /// Slot of the settings: added to the root of the second moment.
  public static final int EPSILON = 3;

  /// Slot of the settings: weight decay, of parameters that decay.
  public static final int WEIGHT_DECAY = 4;

  /// Slot of the settings: 1 − β1^t, t the number of the step from 1 on.
  public static final int CORRECTION1 = 5;

  /// Slot of the settings: 1 − β2^t.
  public static final int CORRECTION2 = 6;

  /// Slot of the settings: the gradient norm above which gradients are scaled down; 0 for never.
  public static final int CLIP_NORM = 7;

  /// Number of settings.
  public static final int SETTINGS = 8;

  /// Behind a parameter's name: its first moment.
  public static final String FIRST_MOMENT = ".exp_avg";

  /// Behind a parameter's name: its second moment.
  public static final String SECOND_MOMENT = ".exp_avg_sq";

  private static final String SETTINGS_NAME = "adamw.settings";

  private static final int TOGETHER = 3;

  private record State(Tensor p, Tensor g, Tensor m, Tensor v, boolean decays) {}

  private AdamWOp() {}

  /// The settings, shared by a program's graphs and copied to the device before each execution.
  ///
  /// @return `[SETTINGS]`
  public static Tensor settings(Variables variables) {
    return variables.setting(SETTINGS_NAME, Shape.of(SETTINGS), ElementType.FLOAT32);
  }

  /// The values of the settings for one step.
  ///
  /// @param step number of the step, from 1 on
  /// @param clipNorm 0 for no clipping
  public static float[] settingsOf(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      double clipNorm,
      long step) {
    float[] values = new float[SETTINGS];
    values[LEARNING_RATE] = (float) learningRate;
    values[BETA1] = (float) beta1;
    values[BETA2] = (float) beta2;
    values[EPSILON] = (float) epsilon;
    values[WEIGHT_DECAY] = (float) weightDecay;
    values[CORRECTION1] = (float) (1.0 - Math.pow(beta1, step));
    values[CORRECTION2] = (float) (1.0 - Math.pow(beta2, step));
    values[CLIP_NORM] = (float) clipNorm;
    return values;
  }

  /// Appends a step of all parameters that the graph's variables have by now. Moments are
  /// variables, named after their parameter.
  ///
  /// @param norm `[1]`, of `GradientNormOp`
  /// @param settings `[SETTINGS]`
  /// @throws dev.sluice.tasks.graph.GraphException if a shape does not fit
  public static void apply(Graph graph, Tensor norm, Tensor settings) {
    norm.expect(Shape.of(1));
    settings.expect(Shape.of(SETTINGS));
    List<State> states = new ArrayList<>();
    List<Tensor> updated = new ArrayList<>();
    Variables variables = graph.variables();
    for (Parameter parameter : variables.parameters()) {
      Shape shape = parameter.value().shape();
      String name = parameter.name();
      State state =
          new State(
              parameter.value(),
              parameter.gradient(),
              variables.variable(name + FIRST_MOMENT, shape, ElementType.FLOAT32),
              variables.variable(name + SECOND_MOMENT, shape, ElementType.FLOAT32),
              parameter.decays());
      states.add(state);
      updated.addAll(List.of(state.p(), state.g(), state.m(), state.v()));
    }
    var by = graph.choose(NAME, AdamWImplementation.class);
    graph
        .node("adamw")
        .reads(norm, settings)
        .updates(updated)
        .lower(t -> {
          switch (by) {
            case HOST -> host(t, norm, settings, states);
            case PARALLEL -> parallel(t, norm, settings, states);
          }
        });
  }

  private static void host(Tasks t, Tensor norm, Tensor settings, List<State> states) {
    var host =
        new AdamWHost(
            states.stream()
                .map(s ->
                    new AdamWHost.State(
                        t.heap(s.p()),
                        t.heap(s.g()),
                        t.heap(s.m()),
                        t.heap(s.v()),
                        s.p().size(),
                        s.decays()))
                .toArray(AdamWHost.State[]::new));
    float[] heapNorm = t.heap(norm);
    float[] heapSettings = t.heap(settings);
    t.host("step", workers -> host.step(workers, heapSettings, heapNorm));
  }

  private static void parallel(Tasks t, Tensor norm, Tensor settings, List<State> states) {
    int i = 0;
    for (; i + TOGETHER <= states.size(); i += TOGETHER) {
      State a = states.get(i);
      State b = states.get(i + 1);
      State c = states.get(i + 2);
      t.task(
          "step",
          Grid.PARALLEL,
          AdamWKernels::update,
          t.floats(norm),
          t.floats(settings),
          t.floats(a.p()),
          t.floats(a.g()),
          t.floats(a.m()),
          t.floats(a.v()),
          t.floats(b.p()),
          t.floats(b.g()),
          t.floats(b.m()),
          t.floats(b.v()),
          t.floats(c.p()),
          t.floats(c.g()),
          t.floats(c.m()),
          t.floats(c.v()),
          a.p().size(),
          b.p().size(),
          c.p().size(),
          a.decays() ? 1 : 0,
          b.decays() ? 1 : 0,
          c.decays() ? 1 : 0);
    }
    for (; i < states.size(); i++) {
      State one = states.get(i);
      t.task(
          "step",
          Grid.PARALLEL,
          AdamWKernels::updateOne,
          t.floats(norm),
          t.floats(settings),
          t.floats(one.p()),
          t.floats(one.g()),
          t.floats(one.m()),
          t.floats(one.v()),
          one.p().size(),
          one.decays() ? 1 : 0);
    }
  }
}
