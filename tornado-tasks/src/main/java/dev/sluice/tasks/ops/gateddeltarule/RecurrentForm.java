package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The recurrent form: [GatedDeltaRuleKernels] and [GatedDeltaRuleGradientKernels] as nodes.
final class RecurrentForm implements GatedDeltaRuleForm {
  @Override
  public List<Tensor> forward(
      Graph graph, Inputs in, Tensor output, Tensor last, GatedDeltaRuleDimensions dims) {
    Tensor offsets = offsets(graph, in, dims);
    Tensor residual = graph.activation(in.name() + ".residual", residuals(dims));
    Tensor kept =
        graph.activation(in.name() + ".kept", dims.keptStates(GatedDeltaRuleKernels.INTERVAL));
    graph
        .node(in.name() + ".forward")
        .reads(with(in.all(), offsets))
        .writes(output, last, residual, kept)
        .lower(t ->
            t.task(
                "forward",
                Grid.PARALLEL,
                GatedDeltaRuleKernels::forward,
                t.floats(in.q()),
                t.floats(in.k()),
                t.floats(in.v()),
                t.floats(OptionalTensors.or(in.g(), in.beta())),
                t.floats(in.beta()),
                t.floats(OptionalTensors.or(in.initial(), in.v())),
                t.ints(offsets),
                t.floats(output),
                t.floats(last),
                t.floats(residual),
                t.floats(kept),
                dims.scale(),
                flags(in, null, dims),
                dims.sequences(),
                dims.keyHeads(),
                dims.valueHeads(),
                dims.keySize(),
                dims.valueSize()));
    return List.of(offsets, residual, kept);
  }

  @Override
  public void backward(
      Graph graph, Inputs in, List<Tensor> saved, Cotangents d, GatedDeltaRuleDimensions dims) {
    Tensor dUpdate = graph.activation(in.name() + ".d_update", dims.values());
    backwardColumns(graph, in, saved, d, dUpdate, dims);
    Tensor parts =
        graph.activation(
            in.name() + ".parts", Shape.of(dims.tokens(), dims.valueHeads(), 3, dims.keySize()));
    backwardRows(graph, in, saved, d, parts, dims);
    sums(graph, in, saved.get(1), d, dUpdate, parts, dims);
  }

  private static void backwardColumns(
      Graph graph,
      Inputs in,
      List<Tensor> saved,
      Cotangents d,
      Tensor dUpdate,
      GatedDeltaRuleDimensions dims) {
    graph
        .node(in.name() + ".backward_columns")
        .reads(with(in.all(), saved.get(0), saved.get(1), d.dO(), d.dLast()))
        .writes(d.dV(), d.dInitial(), dUpdate)
        .lower(t ->
            t.task(
                "columns",
                Grid.PARALLEL,
                GatedDeltaRuleGradientKernels::backwardColumns,
                t.floats(in.q()),
                t.floats(in.k()),
                t.floats(OptionalTensors.or(in.g(), in.beta())),
                t.floats(in.beta()),
                t.floats(saved.get(1)),
                t.ints(saved.get(0)),
                t.floats(d.dO()),
                t.floats(OptionalTensors.or(d.dLast(), d.dO())),
                t.floats(d.dV()),
                t.floats(d.dInitial()),
                t.floats(dUpdate),
                dims.scale(),
                flags(in, d.dLast(), dims),
                dims.sequences(),
                dims.keyHeads(),
                dims.valueHeads(),
                dims.keySize(),
                dims.valueSize()));
  }

  private static void backwardRows(
      Graph graph,
      Inputs in,
      List<Tensor> saved,
      Cotangents d,
      Tensor parts,
      GatedDeltaRuleDimensions dims) {
    Tensor history =
        graph.activation(
            in.name() + ".history",
            Shape.of(
                dims.sequences() * dims.valueHeads(),
                dims.keySize(),
                GatedDeltaRuleKernels.INTERVAL + 1,
                dims.valueSize()));
    graph
        .node(in.name() + ".backward_rows")
        .reads(with(in.all(), saved.get(0), saved.get(1), saved.get(2), d.dO(), d.dLast(), d.dV()))
        .writes(parts)
        .scratch(history)
        .lower(t ->
            t.task(
                "rows",
                Grid.PARALLEL,
                GatedDeltaRuleGradientKernels::backwardRows,
                t.floats(in.q()),
                t.floats(in.k()),
                t.floats(OptionalTensors.or(in.g(), in.beta())),
                t.floats(in.beta()),
                t.floats(OptionalTensors.or(in.initial(), in.q())),
                t.ints(saved.get(0)),
                t.floats(saved.get(1)),
                t.floats(saved.get(2)),
                t.floats(d.dO()),
                t.floats(OptionalTensors.or(d.dLast(), d.dO())),
                t.floats(d.dV()),
                t.floats(parts),
                t.floats(history),
                dims.scale(),
                flags(in, d.dLast(), dims),
                dims.sequences(),
                dims.keyHeads(),
                dims.valueHeads(),
                dims.keySize(),
                dims.valueSize()));
  }

  private static void sums(
      Graph graph,
      Inputs in,
      Tensor residual,
      Cotangents d,
      Tensor dUpdate,
      Tensor parts,
      GatedDeltaRuleDimensions dims) {
    Tensor[] written =
        GatedDeltaRuleForm.present(d.dQ(), d.dK(), d.dG(), d.dBeta()).toArray(Tensor[]::new);
    Tensor gates =
        OptionalTensors.or(d.dG(), graph.activation(in.name() + ".no_gates", Shape.of(1)));
    graph
        .node(in.name() + ".backward_sums")
        .reads(parts, residual, dUpdate, in.q(), in.k())
        .writes(written)
        .scratch(d.dG() == null ? new Tensor[] {gates} : new Tensor[0])
        .lower(t -> {
          sumHeads(t, in, residual, d, parts, dims);
          t.task(
              "gates",
              Grid.PARALLEL,
              GatedDeltaRuleGradientKernels::sumGates,
              t.floats(parts),
              t.floats(residual),
              t.floats(dUpdate),
              t.floats(gates),
              t.floats(d.dBeta()),
              flags(in, null, dims),
              dims.tokens(),
              dims.valueHeads(),
              dims.keySize(),
              dims.valueSize());
        });
  }

  private static void sumHeads(
      Tasks t,
      Inputs in,
      Tensor residual,
      Cotangents d,
      Tensor parts,
      GatedDeltaRuleDimensions dims) {
    if (dims.normalized()) {
      t.task(
          "heads",
          Grid.PARALLEL,
          GatedDeltaRuleGradientKernels::sumHeadsThroughNorm,
          t.floats(parts),
          t.floats(in.q()),
          t.floats(in.k()),
          t.floats(residual),
          t.floats(d.dQ()),
          t.floats(d.dK()),
          dims.tokens(),
          dims.keyHeads(),
          dims.valueHeads(),
          dims.keySize(),
          dims.valueSize());
    } else {
      t.task(
          "heads",
          Grid.PARALLEL,
          GatedDeltaRuleGradientKernels::sumHeads,
          t.floats(parts),
          t.floats(d.dQ()),
          t.floats(d.dK()),
          dims.tokens(),
          dims.keyHeads(),
          dims.valueHeads(),
          dims.keySize());
    }
  }

  /// Shape of what is left to write of each value, and of the factors of `q` and `k` behind it.
  private static Shape residuals(GatedDeltaRuleDimensions dims) {
    int flags = dims.normalized() ? GatedDeltaRuleKernels.NORMALIZED : 0;
    int size = GatedDeltaRuleKernels.residuals(flags, dims.valueSize());
    return Shape.of(dims.batch(), dims.length(), dims.valueHeads(), size);
  }

  /// Where sequences begin: as given where packed, else filled by a node.
  static Tensor offsets(Graph graph, Inputs in, GatedDeltaRuleDimensions dims) {
    if (in.cuSeqlens() != null) {
      return in.cuSeqlens();
    }
    Tensor offsets =
        graph.activation(in.name() + ".offsets", Shape.of(dims.sequences() + 1), ElementType.INT32);
    graph
        .node(in.name() + ".offsets")
        .writes(offsets)
        .lower(t ->
            t.task(
                "offsets",
                Grid.PARALLEL,
                GatedDeltaRuleKernels::fillOffsets,
                t.ints(offsets),
                dims.sequences(),
                dims.length()));
    return offsets;
  }

  /// Which of the tensors that may be absent are there, as the kernels take it.
  private static int flags(Inputs in, @Nullable Tensor dLast, GatedDeltaRuleDimensions dims) {
    return (dims.normalized() ? GatedDeltaRuleKernels.NORMALIZED : 0)
        | (in.g() != null ? GatedDeltaRuleKernels.GATED : 0)
        | (in.initial() != null ? GatedDeltaRuleKernels.INITIAL : 0)
        | (dLast != null ? GatedDeltaRuleKernels.FINAL_GRADIENT : 0);
  }

  static List<Tensor> with(List<Tensor> tensors, @Nullable Tensor... more) {
    List<Tensor> all = new ArrayList<>(tensors);
    all.addAll(GatedDeltaRuleForm.present(more));
    return all;
  }
}
