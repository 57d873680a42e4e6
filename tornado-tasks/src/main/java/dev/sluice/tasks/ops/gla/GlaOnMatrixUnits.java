package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import java.util.List;

/// The chunked form on matrix units, for sequences of whole chunks and sizes that they take; other
/// sizes, and packed sequences, are computed by [GlaChunked].
///
///     forward:  sums of gates, states → scan → scores → combine
///     backward: states → scan → scores' gradient → values → queries, keys → gates
///
/// Saved for the backward pass: the sums of gates, states, scores, and where gates are strong.
final class GlaOnMatrixUnits implements GlaForm {
  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final GlaForm OTHERS = new GlaChunked();

  /// Work-items of a multiprocessor that there must be registers for, where it was faster so: half
  /// of what it has at most.
  private static final int RESIDENT = 1024;

  /// What the forward pass leaves, in the order in which it is saved.
  private record Saved(Tensor gates, Tensor states, Tensor scores, Tensor strong) {
    static Saved of(List<Tensor> list) {
      return new Saved(list.get(0), list.get(1), list.get(2), list.get(3));
    }

    List<Tensor> list() {
      return List.of(gates, states, scores, strong);
    }
  }

  private static boolean fits(GlaDimensions dims) {
    return !dims.packed()
        && dims.length() % CHUNK == 0
        && dims.keySize() % 32 == 0
        && dims.valueSize() % 32 == 0
        && dims.keySize() <= GlaMatrixKernels.LARGEST
        && dims.valueSize() <= GlaMatrixKernels.LARGEST;
  }

  private static int chunks(GlaDimensions dims) {
    return dims.rows() / CHUNK;
  }

  @Override
  public List<Tensor> forward(
      Graph graph, GlaInputs in, Tensor output, Tensor finalState, GlaDimensions dims) {
    if (!fits(dims)) {
      return OTHERS.forward(graph, in, output, finalState, dims);
    }
    var saved =
        new Saved(
            graph.activation("gla.gate_sums", dims.keyShape()),
            graph.activation("gla.states", packed(dims), ElementType.INT32),
            graph.activation("gla.scores", scores(dims)),
            graph.activation("gla.strong", strong(dims), ElementType.INT32));
    Tensor added = graph.activation("gla.added", GlaChunked.states(chunks(dims), dims));
    graph
        .node("gla.forward")
        .reads(in.with())
        .writes(output, finalState, saved.gates(), saved.states(), saved.scores(), saved.strong())
        .scratch(added)
        .lower(t -> {
          chunkStates(t, in, in.k(), in.v(), saved, added, 1.0f, 1, dims);
          scanStates(t, in, saved, added, finalState, dims);
          scores(t, in, saved, dims);
          combine(t, in.q(), in.v(), saved, saved.states(), saved.scores(), output, 0, dims);
        });
    return saved.list();
  }

  @Override
  public void backward(
      Graph graph, GlaInputs in, List<Tensor> list, GlaGradients out, GlaDimensions dims) {
    if (!fits(dims)) {
      OTHERS.backward(graph, in, list, out, dims);
      return;
    }
    Saved saved = Saved.of(list);
    Tensor added = graph.activation("gla.added", GlaChunked.states(chunks(dims), dims));
    Tensor gradients = graph.activation("gla.state_gradients", packed(dims), ElementType.INT32);
    Tensor dP = graph.activation("gla.score_gradients", scores(dims));
    Tensor nearQ = graph.activation("gla.near_queries", dims.keyShape());
    Tensor nearK = graph.activation("gla.near_keys", dims.keyShape());
    Tensor passing =
        graph.activation("gla.passing", Shape.of(chunks(dims), dims.heads(), dims.keySize()));
    var to = GlaStandIns.of(graph, out, dims, added, gradients, dP, nearQ, nearK, passing);
    graph
        .node("gla.backward")
        .reads(out.read(in, list))
        .writes(out.written())
        .scratch(to.scratch())
        .lower(t -> {
          chunkStates(t, in, in.q(), out.dO(), saved, added, dims.scale(), 0, dims);
          scanGradients(t, out, saved, added, gradients, to.dH0(), dims);
          t.task(
              "scores",
              Grid.groups(chunks(dims) * dims.heads(), GlaMatrixKernels.GROUP).resident(RESIDENT),
              GlaMatrixScoreKernels::scoreGradients,
              t.context(),
              t.floats(out.dO()),
              t.floats(in.v()),
              t.floats(dP),
              width(dims.valueSize()),
              dims.heads(),
              dims.valueSize());
          combine(t, in.k(), out.dO(), saved, gradients, saved.scores(), out.dV(), 1, dims);
          differentiate(t, out.dO(), saved.states(), out.dQ(), dims);
          sumWithin(t, in.k(), saved, dP, nearQ, 0, dims);
          differentiate(t, in.v(), gradients, out.dK(), dims);
          sumWithin(t, in.q(), saved, dP, nearK, 1, dims);
          if (out.dG() != null) {
            passThrough(t, saved, gradients, passing, dims);
          }
          join(t, in, out, saved, dP, passing, nearQ, nearK, to.gates(), dims);
          if (out.dG() != null && dims.gate() != GateKind.KEY) {
            GlaChunked.sumKeys(t, to.gates(), out.dG(), dims);
          }
        });
  }

  private static void chunkStates(
      Tasks t,
      GlaInputs in,
      Tensor x,
      Tensor y,
      Saved saved,
      Tensor states,
      float factor,
      int ending,
      GlaDimensions dims) {
    t.task(
        "states",
        Grid.groups(chunks(dims) * dims.heads(), GlaMatrixKernels.GROUP),
        GlaMatrixKernels::chunkStates,
        t.context(),
        t.floats(in.g()),
        t.floats(saved.gates()),
        t.ints(saved.strong()),
        t.floats(x),
        t.floats(y),
        t.floats(states),
        ending,
        dims.gate().timeStride(dims.heads(), dims.keySize()),
        dims.gate().headStride(dims.keySize()),
        dims.gate().keyStride(),
        factor,
        ending,
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void scanStates(
      Tasks t, GlaInputs in, Saved saved, Tensor added, Tensor finalState, GlaDimensions dims) {
    t.task(
        "scan",
        pairs(dims),
        GlaMatrixKernels::scanStates,
        t.context(),
        t.floats(saved.gates()),
        t.floats(OptionalTensors.or(in.initialState(), saved.gates())),
        t.floats(added),
        t.ints(saved.states()),
        t.floats(finalState),
        OptionalTensors.flag(in.initialState()),
        dims.length() / CHUNK,
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void scores(Tasks t, GlaInputs in, Saved saved, GlaDimensions dims) {
    int groups = chunks(dims) * dims.heads();
    t.task(
        "scores",
        Grid.groups(groups, GlaMatrixKernels.GROUP).resident(RESIDENT),
        GlaMatrixScoreKernels::scores,
        t.context(),
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(saved.gates()),
        t.ints(saved.strong()),
        t.floats(saved.scores()),
        width(dims.keySize()),
        dims.heads(),
        dims.keySize());
  }

  private static void combine(
      Tasks t,
      Tensor x,
      Tensor y,
      Saved saved,
      Tensor states,
      Tensor scores,
      Tensor out,
      int ending,
      GlaDimensions dims) {
    t.task(
        "combine",
        Grid.groups(chunks(dims) * dims.heads(), 4 * dims.valueSize()),
        GlaMatrixProductKernels::combine,
        t.context(),
        t.floats(x),
        t.floats(y),
        t.floats(saved.gates()),
        t.ints(states),
        t.floats(scores),
        t.floats(out),
        ending == 1 ? 1.0f : dims.scale(),
        dims.scale(),
        ending,
        width(dims.keySize()),
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void scanGradients(
      Tasks t,
      GlaGradients out,
      Saved saved,
      Tensor added,
      Tensor gradients,
      Tensor dH0,
      GlaDimensions dims) {
    t.task(
        "scan",
        pairs(dims),
        GlaMatrixKernels::scanGradients,
        t.context(),
        t.floats(saved.gates()),
        t.floats(OptionalTensors.or(out.dHt(), saved.gates())),
        t.floats(added),
        t.ints(gradients),
        t.floats(dH0),
        OptionalTensors.flag(out.dHt()),
        dims.length() / CHUNK,
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void differentiate(
      Tasks t, Tensor y, Tensor states, Tensor dX, GlaDimensions dims) {
    t.task(
        "differentiate",
        Grid.groups(chunks(dims) * dims.heads(), 4 * dims.keySize()).resident(RESIDENT),
        GlaMatrixProductKernels::differentiate,
        t.context(),
        t.floats(y),
        t.ints(states),
        t.floats(dX),
        width(dims.valueSize()),
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void sumWithin(
      Tasks t,
      Tensor other,
      Saved saved,
      Tensor dP,
      Tensor within,
      int ending,
      GlaDimensions dims) {
    int tile = width(dims.keySize());
    t.task(
        "within",
        Grid.groups(chunks(dims) * dims.heads() * (dims.keySize() / tile), 4 * tile),
        GlaMatrixGradientKernels::sumWithin,
        t.context(),
        t.floats(other),
        t.floats(saved.gates()),
        t.floats(dP),
        t.ints(saved.strong()),
        t.floats(within),
        ending,
        tile,
        dims.heads(),
        dims.keySize());
  }

  private static void join(
      Tasks t,
      GlaInputs in,
      GlaGradients out,
      Saved saved,
      Tensor dP,
      Tensor passing,
      Tensor nearQ,
      Tensor nearK,
      Tensor gates,
      GlaDimensions dims) {
    int tile = 32;
    t.task(
        "join",
        Grid.groups(chunks(dims) * dims.heads() * (dims.keySize() / tile), 4 * tile)
            .resident(RESIDENT),
        GlaMatrixGradientKernels::join,
        t.context(),
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(saved.gates()),
        t.floats(dP),
        t.ints(saved.strong()),
        t.floats(passing),
        t.floats(nearQ),
        t.floats(nearK),
        t.floats(out.dQ()),
        t.floats(out.dK()),
        t.floats(gates),
        dims.scale(),
        out.dG() == null ? 0 : 1,
        tile,
        dims.heads(),
        dims.keySize());
  }

  private static void passThrough(
      Tasks t, Saved saved, Tensor gradients, Tensor passing, GlaDimensions dims) {
    t.task(
        "passing",
        Grid.groups(chunks(dims) * dims.heads(), dims.keySize() / 16, GlaMatrixKernels.GROUP),
        GlaMatrixGradientKernels::passThrough,
        t.context(),
        t.floats(saved.gates()),
        t.ints(saved.states()),
        t.ints(gradients),
        t.floats(passing),
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  /// Terms of a sum that a group has in local memory at a time; loops over them have a constant
  /// length then, as accumulators need it.
  private static int width(int size) {
    return size % 64 == 0 ? 64 : 32;
  }

  private static Grid pairs(GlaDimensions dims) {
    return Grid.groups(dims.stateShape().size() / 256, 128);
  }

  private static Shape packed(GlaDimensions dims) {
    return Shape.of(chunks(dims), dims.heads(), dims.keySize(), dims.valueSize() / 2);
  }

  private static Shape scores(GlaDimensions dims) {
    return Shape.of(chunks(dims), dims.heads(), CHUNK, CHUNK);
  }

  private static Shape strong(GlaDimensions dims) {
    return Shape.of(chunks(dims), dims.heads(), 4);
  }
}
