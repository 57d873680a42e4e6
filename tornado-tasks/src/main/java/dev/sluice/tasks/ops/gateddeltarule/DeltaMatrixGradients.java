package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleForm.Cotangents;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleForm.Inputs;
import dev.sluice.tasks.ops.gateddeltarule.MatrixForm.Saved;
import java.util.ArrayList;
import java.util.List;

/// The backward pass of [MatrixForm], and the tensors that only it uses.
///
///     scale·Pᵀ dO → scan → R → R Uᵀ, dO Uᵀ → dE, dP → queries, keys → values, β, gates
final class DeltaMatrixGradients {
  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final int GROUP = DeltaMatrixKernels.GROUP;

  private final Saved saved;
  private final Inputs in;
  private final Cotangents d;
  private final GatedDeltaRuleDimensions dims;
  private final int groups;
  private final List<Tensor> scratch = new ArrayList<>();
  private final Tensor dU;
  private final Tensor dStates;
  private final Tensor exchange;
  private final Tensor r;
  private final Tensor byKeys;
  private final Tensor byQueries;
  private final Tensor both;
  private final Tensor dP;
  private final Tensor turned;
  private final Tensor passed;
  private final Tensor dQ;
  private final Tensor held;
  private final Tensor within;
  private final Tensor after;
  private final Tensor dots;
  private final Tensor through;

  DeltaMatrixGradients(
      Saved saved, Inputs in, Cotangents d, GatedDeltaRuleDimensions dims, Graph graph) {
    this.saved = saved;
    this.in = in;
    this.d = d;
    this.dims = dims;
    int chunks = saved.chunks();
    int heads = dims.valueHeads();
    groups = chunks * heads;
    Shape scores = Shape.of(chunks, heads, CHUNK, CHUNK);
    Shape keys = MatrixForm.keyRows(chunks, dims);
    dU = floats(graph, "d_update", MatrixForm.valueRows(chunks, dims));
    dStates =
        keep(
            graph.activation(
                in.name() + ".d_states", MatrixForm.states(chunks, dims), ElementType.INT32));
    exchange = floats(graph, "exchange", MatrixForm.exchange(dims));
    r = floats(graph, "d_right_side", MatrixForm.valueRows(chunks, dims));
    byKeys = floats(graph, "by_keys", scores);
    byQueries = floats(graph, "by_queries", scores);
    both = keep(MatrixForm.operand(graph, in.name() + ".d_key_weights", chunks, heads, CHUNK));
    dP = keep(MatrixForm.operand(graph, in.name() + ".d_weights", chunks, heads, CHUNK));
    turned = keep(MatrixForm.operand(graph, in.name() + ".d_turned", chunks, heads, CHUNK));
    passed = floats(graph, "passed", keys);
    dQ = floats(graph, "d_query_parts", keys);
    held = floats(graph, "held", keys);
    within = floats(graph, "within", keys);
    after = floats(graph, "after", keys);
    dots = floats(graph, "dots", Shape.of(chunks, heads, 4, CHUNK));
    through = floats(graph, "through", Shape.of(chunks, heads));
  }

  private Tensor floats(Graph graph, String name, Shape shape) {
    return keep(graph.activation(in.name() + "." + name, shape));
  }

  private Tensor keep(Tensor tensor) {
    scratch.add(tensor);
    return tensor;
  }

  Tensor[] scratch() {
    return scratch.toArray(Tensor[]::new);
  }

  void lower(Tasks t) {
    int heads = dims.valueHeads();
    MatrixForm.multiply(t, saved.weights(), d.dO(), saved, dU, true, 0, heads, dims);
    scan(t);
    MatrixForm.multiply(t, saved.inverse(), dU, saved, r, false, 0, heads, dims);
    scores(t);
    Tensor q = saved.q().rows();
    Tensor k = saved.k().rows();
    differentiate(t, d.dO(), saved.states(), dP, k, q, passed, dQ, 0);
    differentiate(t, r, saved.states(), both, k, k, held, within, 1);
    differentiate(t, saved.u(), dStates, turned, q, k, passed, after, 2);
    t.task(
        "values",
        Grid.groups(groups, DeltaMatrixSumKernels.GROUP),
        DeltaMatrixSumKernels::values,
        t.context(),
        t.floats(r),
        t.floats(in.v()),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(d.dV()),
        t.floats(dots),
        heads,
        dims.valueSize());
    gates(t);
    sum(t);
  }

  private void scan(Tasks t) {
    t.task(
        "scan",
        MatrixForm.columns(dims),
        DeltaMatrixScanGradientKernels::scanGradients,
        t.context(),
        t.ints(saved.k().rows()),
        t.ints(saved.q().columns()),
        t.ints(saved.w().columns()),
        t.floats(saved.gates()),
        t.floats(d.dO()),
        t.floats(OptionalTensors.or(d.dLast(), saved.gates())),
        t.ints(saved.bounds()),
        t.ints(saved.first()),
        t.floats(dU),
        t.ints(dStates),
        t.floats(d.dInitial()),
        t.floats(exchange),
        dims.scale(),
        OptionalTensors.flag(d.dLast()),
        Math.max(CHUNK, dims.keySize()),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize());
  }

  private void scores(Tasks t) {
    t.task(
        "scores",
        Grid.groups(groups, GROUP),
        DeltaMatrixProductKernels::scoreGradients,
        t.context(),
        t.floats(r),
        t.floats(d.dO()),
        t.floats(saved.u()),
        t.ints(saved.bounds()),
        t.floats(byKeys),
        t.floats(byQueries),
        MatrixForm.width(dims.valueSize()),
        dims.valueHeads(),
        dims.valueSize());
    t.task(
        "between",
        Grid.groups(groups * 4, GROUP),
        DeltaMatrixGradientKernels::passBetween,
        t.context(),
        t.floats(saved.keyScores()),
        t.floats(saved.queryScores()),
        t.floats(saved.gates()),
        t.floats(byKeys),
        t.floats(byQueries),
        t.ints(both),
        t.ints(dP),
        t.ints(turned),
        dims.scale(),
        dims.keyHeads(),
        dims.valueHeads());
  }

  private void differentiate(
      Tasks t,
      Tensor x,
      Tensor states,
      Tensor weights,
      Tensor other,
      Tensor own,
      Tensor passed,
      Tensor out,
      int which) {
    t.task(
        "differentiate",
        Grid.groups(groups, 4 * dims.keySize()),
        DeltaMatrixGradientKernels::differentiate,
        t.context(),
        t.floats(x),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.ints(states),
        t.ints(weights),
        t.ints(other),
        t.ints(own),
        t.floats(passed),
        t.floats(out),
        t.floats(dots),
        dims.scale(),
        which,
        MatrixForm.width(dims.valueSize()),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize());
  }

  private void gates(Tasks t) {
    Tensor dG = d.dG();
    t.task(
        "passing",
        Grid.groups(groups, DeltaMatrixSumKernels.GROUP),
        DeltaMatrixSumKernels::passThrough,
        t.context(),
        t.ints(saved.states()),
        t.ints(dStates),
        t.floats(through),
        dims.keySize() * dims.valueSize() / 2);
    t.task(
        "gates",
        Grid.groups(groups, DeltaMatrixSumKernels.GROUP),
        DeltaMatrixSumKernels::sumGates,
        t.context(),
        t.floats(byKeys),
        t.floats(byQueries),
        t.floats(dots),
        t.floats(saved.gates()),
        t.floats(through),
        t.ints(saved.bounds()),
        t.floats(d.dBeta()),
        t.floats(OptionalTensors.or(dG, held)),
        OptionalTensors.flag(dG),
        dims.valueHeads());
  }

  private void sum(Tasks t) {
    t.task(
        "queries",
        Grid.PARALLEL,
        DeltaMatrixSumKernels::sumQueries,
        t.floats(dQ),
        t.ints(saved.bounds()),
        t.floats(d.dQ()),
        saved.chunks(),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize());
    t.task(
        "keys",
        Grid.PARALLEL,
        DeltaMatrixSumKernels::sumKeys,
        t.floats(held),
        t.floats(within),
        t.floats(after),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(d.dK()),
        saved.chunks(),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize());
  }
}
