package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.Sequences;
import java.util.List;

/// The chunked form: [DeltaChunkKernels] and [DeltaChunkGradientKernels] as nodes.
///
///     forward:  gates → scores → invert → W, U' → scan → combine
///     backward: Pᵀ dO → scan → R → scores' gradients → queries, keys → tokens → gates
///
/// A single step, as in generation, goes the recurrent way.
final class ChunkedForm implements GatedDeltaRuleForm {
  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final GatedDeltaRuleForm STEPS = new RecurrentForm();

  /// What the forward pass leaves, in the order in which it is saved.
  private record Saved(
      Tensor bounds,
      Tensor first,
      Tensor gamma,
      Tensor e,
      Tensor p,
      Tensor a,
      Tensor w,
      Tensor u,
      Tensor states) {
    static Saved of(List<Tensor> s) {
      return new Saved(
          s.get(0), s.get(1), s.get(2), s.get(3), s.get(4), s.get(5), s.get(6), s.get(7), s.get(8));
    }

    List<Tensor> list() {
      return List.of(bounds, first, gamma, e, p, a, w, u, states);
    }

    int chunks() {
      return bounds.shape().extent(0);
    }
  }

  @Override
  public List<Tensor> forward(
      Graph graph, Inputs in, Tensor output, Tensor last, GatedDeltaRuleDimensions dims) {
    if (dims.length() == 1) {
      return STEPS.forward(graph, in, output, last, dims);
    }
    var chunks =
        Sequences.of(graph, dims.batch(), dims.length(), in.cuSeqlens()).chunks(graph, CHUNK);
    Shape scores = Shape.of(chunks.count(), dims.valueHeads(), CHUNK, CHUNK);
    Shape states = Shape.of(chunks.count(), dims.valueHeads(), dims.keySize(), dims.valueSize());
    var saved =
        new Saved(
            chunks.bounds(),
            chunks.first(),
            graph.activation(in.name() + ".gamma", dims.gates()),
            graph.activation(in.name() + ".key_scores", scores),
            graph.activation(in.name() + ".query_scores", scores),
            graph.activation(in.name() + ".inverse", scores),
            graph.activation(in.name() + ".solved_keys", parts(dims)),
            graph.activation(in.name() + ".update", dims.values()),
            graph.activation(in.name() + ".states", states));
    graph
        .node(in.name() + ".forward")
        .reads(RecurrentForm.with(in.all(), saved.bounds(), saved.first()))
        .writes(
            output,
            last,
            saved.gamma(),
            saved.e(),
            saved.p(),
            saved.a(),
            saved.w(),
            saved.u(),
            saved.states())
        .lower(t -> {
          within(t, in, saved, dims);
          scanStates(t, in, saved, last, dims);
          t.task(
              "combine",
              Grid.PARALLEL,
              DeltaChunkKernels::combine,
              t.floats(in.q()),
              t.floats(saved.gamma()),
              t.ints(saved.bounds()),
              t.floats(saved.states()),
              t.floats(saved.p()),
              t.floats(saved.u()),
              t.floats(output),
              dims.scale(),
              saved.chunks(),
              dims.keyHeads(),
              dims.valueHeads(),
              dims.keySize(),
              dims.valueSize());
        });
    return saved.list();
  }

  private static void within(Tasks t, Inputs in, Saved saved, GatedDeltaRuleDimensions dims) {
    t.task(
        "gates",
        Grid.PARALLEL,
        DeltaChunkKernels::sumGates,
        t.floats(OptionalTensors.or(in.g(), in.beta())),
        t.ints(saved.bounds()),
        t.floats(saved.gamma()),
        in.g() == null ? 0 : 1,
        saved.chunks(),
        dims.valueHeads());
    t.task(
        "scores",
        Grid.PARALLEL,
        DeltaChunkKernels::scores,
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(saved.gamma()),
        t.ints(saved.bounds()),
        t.floats(saved.e()),
        t.floats(saved.p()),
        saved.chunks(),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize());
    t.task(
        "invert",
        Grid.PARALLEL,
        DeltaChunkKernels::invert,
        t.floats(saved.e()),
        t.floats(in.beta()),
        t.ints(saved.bounds()),
        t.floats(saved.a()),
        saved.chunks(),
        dims.valueHeads());
    solve(t, in, saved, in.k(), saved.w(), 1, dims.keyHeads(), dims.keySize(), dims);
    solve(t, in, saved, in.v(), saved.u(), 0, dims.valueHeads(), dims.valueSize(), dims);
  }

  private static void solve(
      Tasks t,
      Inputs in,
      Saved saved,
      Tensor x,
      Tensor out,
      int decayed,
      int heads,
      int size,
      GatedDeltaRuleDimensions dims) {
    t.task(
        "solve",
        Grid.PARALLEL,
        DeltaChunkKernels::solve,
        t.floats(saved.a()),
        t.floats(x),
        t.floats(saved.gamma()),
        t.floats(in.beta()),
        t.ints(saved.bounds()),
        t.floats(out),
        decayed,
        saved.chunks(),
        heads,
        dims.valueHeads(),
        size);
  }

  private static void scanStates(
      Tasks t, Inputs in, Saved saved, Tensor last, GatedDeltaRuleDimensions dims) {
    t.task(
        "scan",
        columns(dims),
        DeltaChunkKernels::scanStates,
        t.context(),
        t.floats(in.k()),
        t.floats(saved.w()),
        t.floats(saved.gamma()),
        t.floats(OptionalTensors.or(in.initial(), saved.gamma())),
        t.ints(saved.bounds()),
        t.ints(saved.first()),
        t.floats(saved.u()),
        t.floats(saved.states()),
        t.floats(last),
        in.initial() == null ? 0 : 1,
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize());
  }

  @Override
  public void backward(
      Graph graph, Inputs in, List<Tensor> list, Cotangents d, GatedDeltaRuleDimensions dims) {
    if (dims.length() == 1) {
      STEPS.backward(graph, in, list, d, dims);
      return;
    }
    Saved saved = Saved.of(list);
    var more =
        new DeltaChunkGradients(
            saved.bounds(),
            saved.gamma(),
            saved.e(),
            saved.p(),
            saved.u(),
            saved.states(),
            in,
            d,
            dims,
            graph);
    List<Tensor> read = RecurrentForm.with(in.all(), list.toArray(Tensor[]::new));
    graph
        .node(in.name() + ".backward")
        .reads(RecurrentForm.with(read, d.dO(), d.dLast()))
        .writes(d.written())
        .scratch(more.scratch())
        .lower(t -> {
          more.transpose(t, saved.p(), d.dO(), more.dU(), dims.scale());
          t.task(
              "scan",
              columns(dims),
              DeltaChunkGradientKernels::scanGradients,
              t.context(),
              t.floats(in.q()),
              t.floats(in.k()),
              t.floats(saved.w()),
              t.floats(saved.gamma()),
              t.floats(d.dO()),
              t.floats(OptionalTensors.or(d.dLast(), saved.gamma())),
              t.ints(saved.bounds()),
              t.ints(saved.first()),
              t.floats(more.dU()),
              t.floats(more.dStates()),
              t.floats(d.dInitial()),
              dims.scale(),
              d.dLast() == null ? 0 : 1,
              dims.keyHeads(),
              dims.valueHeads(),
              dims.keySize(),
              dims.valueSize());
          more.transpose(t, saved.a(), more.dU(), more.r(), 1.0f);
          more.scores(t);
          more.queries(t);
          more.keys(t);
          more.tokens(t);
          more.gates(t);
        });
  }

  private static Grid columns(GatedDeltaRuleDimensions dims) {
    int tile = DeltaChunkKernels.TILE;
    return Grid.groups(
        dims.sequences() * dims.valueHeads(),
        (dims.valueSize() + tile - 1) / tile,
        DeltaChunkKernels.GROUP);
  }

  /// `[B, T, HV, K]`: of keys or queries, a value head each.
  static Shape parts(GatedDeltaRuleDimensions dims) {
    return Shape.of(dims.batch(), dims.length(), dims.valueHeads(), dims.keySize());
  }
}
