package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.Sequences;
import java.util.List;

/// The chunked form in float32.
///
///     forward:  gates → states → scan → scores → combine
///     backward: states → scan → scores' gradient → values → queries, keys → gates
///
/// Saved for the backward pass: the chunks' bounds, sums of gates, states and scores. A single
/// step, as in generation, goes the recurrent way.
final class GlaChunked implements GlaForm {
  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int GROUP = GlaChunkKernels.GROUP;
  private static final GlaForm STEPS = new GlaRecurrent();

  /// What the forward pass leaves, in the order in which it is saved.
  private record Saved(Tensor bounds, Tensor first, Tensor gates, Tensor states, Tensor scores) {
    static Saved of(List<Tensor> list) {
      return new Saved(list.get(0), list.get(1), list.get(2), list.get(3), list.get(4));
    }

    List<Tensor> list() {
      return List.of(bounds, first, gates, states, scores);
    }

    int chunks() {
      return bounds.shape().extent(0);
    }
  }

  @Override
  public List<Tensor> forward(
      Graph graph, GlaInputs in, Tensor output, Tensor finalState, GlaDimensions dims) {
    if (dims.length() == 1) {
      return STEPS.forward(graph, in, output, finalState, dims);
    }
    var chunks = chunks(graph, in, dims);
    var saved =
        new Saved(
            chunks.bounds(),
            chunks.first(),
            graph.activation("gla.gate_sums", dims.keyShape()),
            graph.activation("gla.states", states(chunks.count(), dims)),
            graph.activation("gla.scores", scores(chunks.count(), dims)));
    graph
        .node("gla.forward")
        .reads(in.with(saved.bounds(), saved.first()))
        .writes(output, finalState, saved.gates(), saved.states(), saved.scores())
        .lower(t -> {
          accumulate(t, in, saved.bounds(), saved.gates(), dims);
          chunkStates(t, in.k(), in.v(), saved, saved.states(), 1.0f, 1, dims);
          t.task(
              "scan",
              elements(dims),
              GlaChunkKernels::scanStates,
              t.context(),
              t.floats(saved.gates()),
              t.floats(OptionalTensors.or(in.initialState(), saved.gates())),
              t.ints(saved.bounds()),
              t.ints(saved.first()),
              t.floats(saved.states()),
              t.floats(finalState),
              OptionalTensors.flag(in.initialState()),
              dims.sequences(),
              dims.heads(),
              dims.keySize(),
              dims.valueSize());
          t.task(
              "scores",
              Grid.groups(saved.chunks() * dims.heads(), GROUP),
              GlaScoreKernels::scores,
              t.context(),
              t.floats(in.q()),
              t.floats(in.k()),
              t.floats(saved.gates()),
              t.ints(saved.bounds()),
              t.floats(saved.scores()),
              dims.scale(),
              dims.heads(),
              dims.keySize());
          combine(t, in.q(), in.v(), saved, saved.states(), output, dims.scale(), 0, dims);
        });
    return saved.list();
  }

  @Override
  public void backward(
      Graph graph, GlaInputs in, List<Tensor> list, GlaGradients out, GlaDimensions dims) {
    if (dims.length() == 1) {
      STEPS.backward(graph, in, list, out, dims);
      return;
    }
    Saved saved = Saved.of(list);
    Tensor gradients = graph.activation("gla.state_gradients", states(saved.chunks(), dims));
    Tensor dP = graph.activation("gla.score_gradients", scores(saved.chunks(), dims));
    Tensor leaving = graph.activation("gla.leaving", dims.keyShape());
    Tensor passing =
        graph.activation("gla.passing", Shape.of(saved.chunks(), dims.heads(), dims.keySize()));
    var to = GlaStandIns.of(graph, out, dims, gradients, dP, leaving, passing);
    graph
        .node("gla.backward")
        .reads(out.read(in, list))
        .writes(out.written())
        .scratch(to.scratch())
        .lower(t -> {
          chunkStates(t, in.q(), out.dO(), saved, gradients, dims.scale(), 0, dims);
          scanGradients(t, out, saved, gradients, to.dH0(), dims);
          scoreGradients(t, in, out, saved, dP, dims);
          combine(t, in.k(), out.dO(), saved, gradients, out.dV(), 1.0f, 1, dims);
          differentiate(t, out.dO(), saved, saved.states(), out.dQ(), dims.scale(), 0, dims);
          differentiate(t, in.v(), saved, gradients, out.dK(), 1.0f, 1, dims);
          addToQueries(t, in, out, saved, dP, to.gates(), dims);
          addToKeys(t, in, out, saved, dP, to.gates(), leaving, dims);
          if (out.dG() != null) {
            passThrough(t, saved, gradients, passing, dims);
            sumGates(t, leaving, passing, saved.bounds(), to.gates(), dims);
          }
          if (out.dG() != null && dims.gate() != GateKind.KEY) {
            sumKeys(t, to.gates(), out.dG(), dims);
          }
        });
  }

  private static Sequences.Chunks chunks(Graph graph, GlaInputs in, GlaDimensions dims) {
    int batch = dims.rows() / dims.length();
    return Sequences.of(graph, batch, dims.length(), in.offsets()).chunks(graph, CHUNK);
  }

  private static void accumulate(
      Tasks t, GlaInputs in, Tensor bounds, Tensor gates, GlaDimensions dims) {
    t.task(
        "gates",
        Grid.PARALLEL,
        GlaChunkKernels::accumulateGates,
        t.floats(in.g()),
        t.ints(bounds),
        t.floats(gates),
        dims.gate().timeStride(dims.heads(), dims.keySize()),
        dims.gate().headStride(dims.keySize()),
        dims.gate().keyStride(),
        bounds.shape().extent(0),
        dims.heads(),
        dims.keySize());
  }

  private static void chunkStates(
      Tasks t,
      Tensor x,
      Tensor y,
      Saved saved,
      Tensor states,
      float factor,
      int ending,
      GlaDimensions dims) {
    int tiles =
        tiles(dims.valueSize(), GlaChunkKernels.TILE_ROWS)
            * tiles(dims.keySize(), GlaChunkKernels.TILE_COLUMNS);
    t.task(
        "states",
        Grid.groups(saved.chunks() * dims.heads(), tiles, GROUP),
        GlaChunkKernels::chunkStates,
        t.context(),
        t.floats(x),
        t.floats(y),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(states),
        factor,
        ending,
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void combine(
      Tasks t,
      Tensor x,
      Tensor y,
      Saved saved,
      Tensor states,
      Tensor out,
      float factor,
      int ending,
      GlaDimensions dims) {
    t.task(
        "combine",
        Grid.groups(
            saved.chunks() * dims.heads(),
            tiles(dims.valueSize(), GlaChunkKernels.TILE_COLUMNS),
            GROUP),
        GlaProductKernels::combine,
        t.context(),
        t.floats(x),
        t.floats(y),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(states),
        t.floats(saved.scores()),
        t.floats(out),
        factor,
        ending,
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void scanGradients(
      Tasks t, GlaGradients out, Saved saved, Tensor gradients, Tensor dH0, GlaDimensions dims) {
    t.task(
        "scan",
        elements(dims),
        GlaChunkKernels::scanGradients,
        t.context(),
        t.floats(saved.gates()),
        t.floats(OptionalTensors.or(out.dHt(), saved.gates())),
        t.ints(saved.bounds()),
        t.ints(saved.first()),
        t.floats(gradients),
        t.floats(dH0),
        OptionalTensors.flag(out.dHt()),
        dims.sequences(),
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void scoreGradients(
      Tasks t, GlaInputs in, GlaGradients out, Saved saved, Tensor dP, GlaDimensions dims) {
    t.task(
        "scores",
        Grid.groups(saved.chunks() * dims.heads(), GROUP),
        GlaScoreKernels::scoreGradients,
        t.context(),
        t.floats(out.dO()),
        t.floats(in.v()),
        t.ints(saved.bounds()),
        t.floats(dP),
        dims.scale(),
        dims.heads(),
        dims.valueSize());
  }

  private static void differentiate(
      Tasks t,
      Tensor y,
      Saved saved,
      Tensor states,
      Tensor dX,
      float factor,
      int ending,
      GlaDimensions dims) {
    t.task(
        "differentiate",
        Grid.groups(
            saved.chunks() * dims.heads(),
            tiles(dims.keySize(), GlaChunkKernels.TILE_COLUMNS),
            GROUP),
        GlaProductKernels::differentiate,
        t.context(),
        t.floats(y),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(states),
        t.floats(dX),
        factor,
        ending,
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void addToQueries(
      Tasks t,
      GlaInputs in,
      GlaGradients out,
      Saved saved,
      Tensor dP,
      Tensor reaching,
      GlaDimensions dims) {
    t.task(
        "queries",
        keyTiles(saved, dims),
        GlaGradientKernels::addToQueries,
        t.context(),
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(dP),
        t.floats(out.dQ()),
        t.floats(reaching),
        dims.heads(),
        dims.keySize());
  }

  private static void addToKeys(
      Tasks t,
      GlaInputs in,
      GlaGradients out,
      Saved saved,
      Tensor dP,
      Tensor reaching,
      Tensor leaving,
      GlaDimensions dims) {
    t.task(
        "keys",
        keyTiles(saved, dims),
        GlaGradientKernels::addToKeys,
        t.context(),
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(dP),
        t.floats(out.dK()),
        t.floats(reaching),
        t.floats(leaving),
        dims.heads(),
        dims.keySize());
  }

  private static void passThrough(
      Tasks t, Saved saved, Tensor gradients, Tensor passing, GlaDimensions dims) {
    t.task(
        "passing",
        keyTiles(saved, dims),
        GlaGradientKernels::passThrough,
        t.context(),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(saved.states()),
        t.floats(gradients),
        t.floats(passing),
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void sumGates(
      Tasks t, Tensor leaving, Tensor passing, Tensor bounds, Tensor gates, GlaDimensions dims) {
    t.task(
        "gates",
        Grid.PARALLEL,
        GlaGradientKernels::sumGates,
        t.floats(leaving),
        t.floats(passing),
        t.ints(bounds),
        t.floats(gates),
        bounds.shape().extent(0),
        dims.heads(),
        dims.keySize());
  }

  static void sumKeys(Tasks t, Tensor gates, Tensor dG, GlaDimensions dims) {
    t.task(
        "heads",
        Grid.PARALLEL,
        GlaKernels::sumKeys,
        t.floats(gates),
        t.floats(dG),
        dims.rows() * dims.heads(),
        dims.keySize());
  }

  private static Grid elements(GlaDimensions dims) {
    return Grid.groups((dims.stateShape().size() + 127) / 128, 128);
  }

  private static Grid keyTiles(Saved saved, GlaDimensions dims) {
    return Grid.groups(
        saved.chunks() * dims.heads(), tiles(dims.keySize(), GlaChunkKernels.DEPTH), GROUP);
  }

  static Shape states(int chunks, GlaDimensions dims) {
    return Shape.of(chunks, dims.heads(), dims.keySize(), dims.valueSize());
  }

  private static Shape scores(int chunks, GlaDimensions dims) {
    return Shape.of(chunks, dims.heads(), CHUNK, CHUNK);
  }

  private static int tiles(int size, int tile) {
    return (size + tile - 1) / tile;
  }
}
