package dev.sluice.tasks.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The gradients of a graph while it is walked backwards.
///
/// Parameter gradients always accumulate. The gradient of an activation is written once where it
/// has one user; where it has several, later contributions are added to the first in place, unless
/// another tensor's gradient is the same array.
public final class Gradients {
  private final Graph graph;
  private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();

  /// How many tensors, not yet walked through, have this array as their gradient.
  private final Map<Tensor, Integer> holders = new IdentityHashMap<>();

  /// Gradients that are not ours to change: the seeds.
  private final Set<Tensor> foreign = Collections.newSetFromMap(new IdentityHashMap<>());

  private final List<Runnable> pending = new ArrayList<>();

  Gradients(Graph graph, Map<Tensor, Tensor> seeds) {
    this.graph = graph;
    seeds.forEach((output, seed) -> {
      seed.expect(output.shape());
      foreign.add(seed.root());
      hold(output, seed);
    });
  }

  void through(List<Tensor> inputs, List<Tensor> outputs, GradientRule rule) {
    boolean reached = outputs.stream().anyMatch(o -> find(o) != null);
    if (reached && inputs.stream().anyMatch(graph::needsGradient)) {
      rule.apply(this);
      pending.forEach(Runnable::run);
      pending.clear();
    }
    for (Tensor output : outputs) {
      Tensor gradient = find(output);
      if (gradient != null) {
        holders.merge(gradient.root(), -1, Integer::sum);
      }
    }
  }

  /// The graph to which rules append their nodes.
  public Graph graph() {
    return graph;
  }

  /// Whether the gradient of `input` is wanted.
  public boolean needed(Tensor input) {
    return graph.needsGradient(input);
  }

  /// The gradient of an op's only output.
  public Tensor of(Tensor output) {
    Tensor gradient = find(output);
    if (gradient == null) {
      throw new GraphException("no gradient reaches tensor '" + output.name() + "'");
    }
    return gradient;
  }

  /// The gradient of one of several outputs, or null if none flows to it (it is zero).
  public @Nullable Tensor find(Tensor output) {
    Tensor gradient = gradients.get(output.root());
    return gradient == null ? null : gradient.view(output.shape());
  }

  /// Where the gradient of `input` goes, for nodes that can add to what is there.
  public Destination into(Tensor input) {
    Parameter parameter = graph.variables().parameterOf(input);
    if (parameter != null) {
      return new Destination(parameter.gradient(), true);
    }
    Tensor existing = find(input);
    if (existing != null && exclusive(existing)) {
      return new Destination(existing, true);
    }
    return new Destination(fresh(input), false);
  }

  /// A tensor for the gradient of `input` that the node overwrites; where there is a gradient
  /// already, it is added when the rule has ended. If the gradient is not [#needed], nobody reads
  /// it.
  public Tensor fresh(Tensor input) {
    Tensor created = graph.activation("d." + input.name(), input.shape(), ElementType.FLOAT32);
    if (needed(input)) {
      if (graph.variables().parameterOf(input) == null && find(input) == null) {
        hold(input, created);
      } else {
        pending.add(() -> contribute(input, created));
      }
    }
    return created;
  }

  /// Hands on a gradient without a copy: that of `input` is, or has as a part, `gradient`.
  public void pass(Tensor input, Tensor gradient) {
    if (needed(input)) {
      contribute(input, gradient.view(input.shape()));
    }
  }

  private void contribute(Tensor input, Tensor part) {
    Parameter parameter = graph.variables().parameterOf(input);
    Tensor existing = find(input);
    if (parameter != null) {
      Accumulation.add(graph, parameter.gradient(), part);
    } else if (existing == null) {
      hold(input, part);
    } else if (exclusive(existing) && existing.root() != part.root()) {
      Accumulation.add(graph, existing, part);
    } else {
      Tensor sum = graph.activation("d." + input.name(), input.shape(), ElementType.FLOAT32);
      Accumulation.sum(graph, existing, part, sum);
      holders.merge(existing.root(), -1, Integer::sum);
      hold(input, sum);
    }
  }

  private boolean exclusive(Tensor gradient) {
    return !foreign.contains(gradient.root()) && holders.getOrDefault(gradient.root(), 0) == 1;
  }

  private void hold(Tensor tensor, Tensor gradient) {
    gradients.put(tensor.root(), gradient.root());
    holders.merge(gradient.root(), 1, Integer::sum);
  }
}
