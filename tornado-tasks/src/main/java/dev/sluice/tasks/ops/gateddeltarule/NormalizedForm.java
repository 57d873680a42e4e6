package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// A form that reads rows of `q` and `k` in many places, behind [QkNormKernels]: the rows are
/// divided by their length once, and at the end the gradients are taken through the norm where they
/// lie.
///
/// The rows of unit length are tensors of their own here, kept for the backward pass; a form that
/// applies the norm where it loads rows does without.
///
/// @param form gets [QkNorm#NONE], except for a single step, which it leaves to [RecurrentForm]
record NormalizedForm(GatedDeltaRuleForm form) implements GatedDeltaRuleForm {
  /// Tensors that are saved before those of [#form].
  private static final int OWN = 4;

  @Override
  public List<Tensor> forward(
      Graph graph, Inputs in, Tensor output, Tensor last, GatedDeltaRuleDimensions dims) {
    if (passedOn(dims)) {
      return form.forward(graph, in, output, last, dims);
    }
    Shape rows = Shape.of(dims.batch(), dims.length(), dims.keyHeads());
    Tensor q = graph.activation(in.name() + ".unit_q", dims.keys());
    Tensor k = graph.activation(in.name() + ".unit_k", dims.keys());
    Tensor qFactors = graph.activation(in.name() + ".q_factors", rows);
    Tensor kFactors = graph.activation(in.name() + ".k_factors", rows);
    normalize(graph, in.name() + ".unit_q", in.q(), q, qFactors, dims);
    normalize(graph, in.name() + ".unit_k", in.k(), k, kFactors, dims);
    List<Tensor> saved = List.of(q, k, qFactors, kFactors);
    List<Tensor> more = form.forward(graph, unit(in, saved), output, last, dims.withoutNorm());
    return RecurrentForm.with(saved, more.toArray(Tensor[]::new));
  }

  @Override
  public void backward(
      Graph graph, Inputs in, List<Tensor> saved, Cotangents d, GatedDeltaRuleDimensions dims) {
    if (passedOn(dims)) {
      form.backward(graph, in, saved, d, dims);
      return;
    }
    List<Tensor> inner = saved.subList(OWN, saved.size());
    form.backward(graph, unit(in, saved), inner, d, dims.withoutNorm());
    throughNorm(graph, in.name() + ".d_unit_q", saved.get(0), saved.get(2), d.dQ(), dims);
    throughNorm(graph, in.name() + ".d_unit_k", saved.get(1), saved.get(3), d.dK(), dims);
  }

  private static boolean passedOn(GatedDeltaRuleDimensions dims) {
    return !dims.normalized() || dims.length() == 1;
  }

  private static Inputs unit(Inputs in, List<Tensor> saved) {
    return new Inputs(
        in.name(),
        saved.get(0),
        saved.get(1),
        in.v(),
        in.g(),
        in.beta(),
        in.initial(),
        in.cuSeqlens());
  }

  private static void normalize(
      Graph graph, String name, Tensor x, Tensor y, Tensor s, GatedDeltaRuleDimensions dims) {
    graph
        .node(name)
        .reads(x)
        .writes(y, s)
        .lower(t ->
            t.task(
                "divide",
                groups(dims),
                QkNormKernels::divideByLength,
                t.context(),
                t.floats(x),
                t.floats(y),
                t.floats(s),
                QkNorm.EPS,
                dims.tokens() * dims.keyHeads(),
                dims.keySize()));
  }

  private static void throughNorm(
      Graph graph, String name, Tensor y, Tensor s, Tensor dX, GatedDeltaRuleDimensions dims) {
    graph
        .node(name)
        .reads(y, s)
        .updates(dX)
        .lower(t ->
            t.task(
                "norm",
                groups(dims),
                QkNormKernels::throughNorm,
                t.context(),
                t.floats(y),
                t.floats(s),
                t.floats(dX),
                dims.tokens() * dims.keyHeads(),
                dims.keySize()));
  }

  private static Grid groups(GatedDeltaRuleDimensions dims) {
    int rows = dims.tokens() * dims.keyHeads();
    return Grid.groups((rows + QkNormKernels.ROWS - 1) / QkNormKernels.ROWS, QkNormKernels.GROUP);
  }
}
