package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleForm.Cotangents;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleForm.Inputs;
import java.util.ArrayList;
import java.util.List;

/// The tasks of [DeltaChunkGradientKernels], and the tensors that only they use.
final class DeltaChunkGradients {
  private final Tensor bounds;
  private final Tensor gamma;
  private final Tensor e;
  private final Tensor p;
  private final Tensor u;
  private final Tensor states;
  private final Inputs in;
  private final Cotangents d;
  private final GatedDeltaRuleDimensions dims;
  private final int chunks;
  private final List<Tensor> scratch = new ArrayList<>();
  private final Tensor dU;
  private final Tensor dStates;
  private final Tensor r;
  private final Tensor dE;
  private final Tensor dP;
  private final Tensor byE;
  private final Tensor byP;
  private final Tensor dQ;
  private final Tensor dK;
  private final Tensor queryBefore;
  private final Tensor keyBefore;
  private final Tensor keyAfter;
  private final Tensor entering;
  private final Tensor leaving;
  private final Tensor through;

  DeltaChunkGradients(
      Tensor bounds,
      Tensor gamma,
      Tensor e,
      Tensor p,
      Tensor u,
      Tensor states,
      Inputs in,
      Cotangents d,
      GatedDeltaRuleDimensions dims,
      Graph graph) {
    this.bounds = bounds;
    this.gamma = gamma;
    this.e = e;
    this.p = p;
    this.u = u;
    this.states = states;
    this.in = in;
    this.d = d;
    this.dims = dims;
    chunks = bounds.shape().extent(0);
    Shape parts = ChunkedForm.parts(dims);
    dU = scratch(graph, "d_update", dims.values());
    dStates = scratch(graph, "d_states", states.shape());
    r = scratch(graph, "d_right_side", dims.values());
    dE = scratch(graph, "d_key_scores", e.shape());
    dP = scratch(graph, "d_query_scores", e.shape());
    byE = scratch(graph, "by_keys", e.shape());
    byP = scratch(graph, "by_queries", e.shape());
    dQ = scratch(graph, "d_query_parts", parts);
    dK = scratch(graph, "d_key_parts", parts);
    queryBefore = scratch(graph, "query_before", parts);
    keyBefore = scratch(graph, "key_before", parts);
    keyAfter = scratch(graph, "key_after", parts);
    entering = scratch(graph, "entering", dims.gates());
    leaving = scratch(graph, "leaving", dims.gates());
    through = scratch(graph, "through", Shape.of(chunks, dims.valueHeads(), dims.keySize()));
  }

  private Tensor scratch(Graph graph, String name, Shape shape) {
    Tensor tensor = graph.activation(in.name() + "." + name, shape);
    scratch.add(tensor);
    return tensor;
  }

  Tensor[] scratch() {
    return scratch.toArray(Tensor[]::new);
  }

  Tensor dU() {
    return dU;
  }

  Tensor dStates() {
    return dStates;
  }

  Tensor r() {
    return r;
  }

  void transpose(Tasks t, Tensor x, Tensor y, Tensor out, float factor) {
    t.task(
        "transpose",
        Grid.PARALLEL,
        DeltaChunkGradientKernels::transpose,
        t.floats(x),
        t.floats(y),
        t.ints(bounds),
        t.floats(out),
        factor,
        chunks,
        dims.valueHeads(),
        dims.valueSize());
  }

  void scores(Tasks t) {
    t.task(
        "scores",
        Grid.PARALLEL,
        DeltaChunkGradientKernels::scoreGradients,
        t.floats(r),
        t.floats(u),
        t.floats(d.dO()),
        t.floats(e),
        t.floats(p),
        t.floats(gamma),
        t.floats(in.beta()),
        t.ints(bounds),
        t.floats(dE),
        t.floats(dP),
        t.floats(byE),
        t.floats(byP),
        dims.scale(),
        chunks,
        dims.valueHeads(),
        dims.valueSize());
  }

  void queries(Tasks t) {
    t.task(
        "queries",
        Grid.PARALLEL,
        DeltaChunkGradientKernels::queries,
        t.floats(in.k()),
        t.floats(gamma),
        t.floats(d.dO()),
        t.floats(states),
        t.floats(dP),
        t.ints(bounds),
        t.floats(dQ),
        t.floats(queryBefore),
        dims.scale(),
        chunks,
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize());
    sumHeads(t, dQ, d.dQ());
  }

  void keys(Tasks t) {
    t.task(
        "keys",
        Grid.PARALLEL,
        DeltaChunkGradientKernels::keys,
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(gamma),
        t.floats(in.beta()),
        t.floats(r),
        t.floats(u),
        t.floats(states),
        t.floats(dStates),
        t.floats(dE),
        t.floats(dP),
        t.ints(bounds),
        t.floats(dK),
        t.floats(keyBefore),
        t.floats(keyAfter),
        chunks,
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize());
    sumHeads(t, dK, d.dK());
  }

  private void sumHeads(Tasks t, Tensor parts, Tensor out) {
    t.task(
        "heads",
        Grid.PARALLEL,
        DeltaChunkSumKernels::sumHeads,
        t.floats(parts),
        t.floats(out),
        dims.tokens(),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize());
  }

  void tokens(Tasks t) {
    t.task(
        "tokens",
        Grid.PARALLEL,
        DeltaChunkSumKernels::tokens,
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(in.v()),
        t.floats(in.beta()),
        t.floats(r),
        t.floats(queryBefore),
        t.floats(keyBefore),
        t.floats(keyAfter),
        t.floats(byE),
        t.floats(byP),
        t.ints(bounds),
        t.floats(d.dV()),
        t.floats(d.dBeta()),
        t.floats(entering),
        t.floats(leaving),
        chunks,
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize());
  }

  void gates(Tasks t) {
    Tensor dG = d.dG();
    if (dG == null) {
      return;
    }
    t.task(
        "passing",
        Grid.PARALLEL,
        DeltaChunkSumKernels::passThrough,
        t.floats(states),
        t.floats(dStates),
        t.floats(through),
        chunks * dims.valueHeads() * dims.keySize(),
        dims.valueSize());
    t.task(
        "gates",
        Grid.PARALLEL,
        DeltaChunkSumKernels::gates,
        t.floats(gamma),
        t.floats(entering),
        t.floats(leaving),
        t.floats(byP),
        t.floats(through),
        t.ints(bounds),
        t.floats(dG),
        chunks,
        dims.valueHeads(),
        dims.keySize());
  }
}
