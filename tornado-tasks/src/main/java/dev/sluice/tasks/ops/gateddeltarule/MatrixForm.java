package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.Sequences;
import java.util.List;

/// The chunked form on matrix units: [DeltaMatrixKernels], [DeltaMatrixScanKernels] and
/// [DeltaMatrixProductKernels] as nodes, for sizes that they take; others are computed by
/// [ChunkedForm].
///
///     forward:  gates, operands → scores → invert, weigh → U', W → scan → combine
///     backward: [DeltaMatrixGradients]
final class MatrixForm implements GatedDeltaRuleForm {
  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final GatedDeltaRuleForm OTHERS = new ChunkedForm();

  /// What the forward pass leaves, in the order in which it is saved.
  record Saved(
      Tensor bounds,
      Tensor first,
      Tensor gates,
      Packed q,
      Packed k,
      Packed w,
      Tensor keyScores,
      Tensor queryScores,
      Tensor inverse,
      Tensor weights,
      Tensor u,
      Tensor states) {
    static Saved of(List<Tensor> s) {
      return new Saved(
          s.get(0),
          s.get(1),
          s.get(2),
          new Packed(s.get(3), s.get(4)),
          new Packed(s.get(5), s.get(6)),
          new Packed(s.get(7), s.get(8)),
          s.get(9),
          s.get(10),
          s.get(11),
          s.get(12),
          s.get(13),
          s.get(14));
    }

    List<Tensor> list() {
      return List.of(
          bounds,
          first,
          gates,
          q.rows,
          q.columns,
          k.rows,
          k.columns,
          w.rows,
          w.columns,
          keyScores,
          queryScores,
          inverse,
          weights,
          u,
          states);
    }

    int chunks() {
      return bounds.shape().extent(0);
    }
  }

  /// Rows as operands, both ways.
  record Packed(Tensor rows, Tensor columns) {}

  /// A single step, as in generation, goes the way of the others.
  private static boolean fits(GatedDeltaRuleDimensions dims) {
    return dims.length() > 1 && takes(dims);
  }

  /// Whether the kernels take these sizes.
  static boolean takes(GatedDeltaRuleDimensions dims) {
    return dims.keySize() % 32 == 0
        && dims.valueSize() % 32 == 0
        && dims.keySize() <= DeltaMatrixKernels.LARGEST
        && dims.valueSize() <= DeltaMatrixKernels.LARGEST;
  }

  @Override
  public List<Tensor> forward(
      Graph graph, Inputs in, Tensor output, Tensor last, GatedDeltaRuleDimensions dims) {
    if (!fits(dims)) {
      return OTHERS.forward(graph, in, output, last, dims);
    }
    var chunks =
        Sequences.of(graph, dims.batch(), dims.length(), in.cuSeqlens()).chunks(graph, CHUNK);
    Saved saved = saved(graph, in.name(), chunks, dims);
    int c = chunks.count();
    Tensor w = graph.activation(in.name() + ".solved_keys", keyRows(c, dims));
    Tensor solving = operand(graph, in.name() + ".solving", c, dims.valueHeads(), CHUNK);
    Tensor p = operand(graph, in.name() + ".query_weights", c, dims.valueHeads(), CHUNK);
    Tensor exchange = graph.activation(in.name() + ".exchange", exchange(dims));
    Tensor rest = graph.activation(in.name() + ".rest", rest(c, dims));
    graph
        .node(in.name() + ".forward")
        .reads(RecurrentForm.with(in.all(), saved.bounds(), saved.first()))
        .writes(
            RecurrentForm.with(saved.list().subList(2, saved.list().size()), output, last)
                .toArray(Tensor[]::new))
        .scratch(w, solving, p, exchange, rest)
        .lower(t -> {
          within(t, in, saved, solving, p, dims);
          multiply(t, solving, in.v(), saved, saved.u(), true, 0, dims.valueHeads(), dims);
          multiply(t, solving, in.k(), saved, w, true, 1, dims.keyHeads(), dims);
          pack(t, w, saved.w(), saved, 0, dims.valueHeads(), dims);
          scan(t, in, saved, last, exchange, dims);
          combine(t, saved, p, output, rest, dims);
        });
    return saved.list();
  }

  private static Saved saved(
      Graph graph, String name, Sequences.Chunks chunks, GatedDeltaRuleDimensions dims) {
    int c = chunks.count();
    int heads = dims.valueHeads();
    Shape scores = Shape.of(c, dims.keyHeads(), CHUNK, CHUNK);
    return new Saved(
        chunks.bounds(),
        chunks.first(),
        graph.activation(name + ".gates", Shape.of(c, heads, 4, CHUNK)),
        packed(graph, name + ".queries", c, dims.keyHeads(), dims),
        packed(graph, name + ".keys", c, dims.keyHeads(), dims),
        packed(graph, name + ".solved", c, heads, dims),
        graph.activation(name + ".key_scores", scores),
        graph.activation(name + ".query_scores", scores),
        operand(graph, name + ".inverse", c, heads, CHUNK),
        operand(graph, name + ".weights", c, heads, CHUNK),
        graph.activation(name + ".update", valueRows(c, dims)),
        graph.activation(name + ".states", states(c, dims), ElementType.INT32));
  }

  private static void within(
      Tasks t, Inputs in, Saved saved, Tensor solving, Tensor p, GatedDeltaRuleDimensions dims) {
    int groups = saved.chunks() * dims.valueHeads();
    t.task(
        "gates",
        Grid.groups(groups, CHUNK),
        DeltaMatrixKernels::sumGates,
        t.context(),
        t.floats(OptionalTensors.or(in.g(), in.beta())),
        t.floats(in.beta()),
        t.ints(saved.bounds()),
        t.floats(saved.gates()),
        OptionalTensors.flag(in.g()),
        dims.valueHeads());
    pack(t, in.q(), saved.q(), saved, 1, dims.keyHeads(), dims);
    pack(t, in.k(), saved.k(), saved, 1, dims.keyHeads(), dims);
    t.task(
        "scores",
        Grid.groups(saved.chunks() * dims.keyHeads(), DeltaMatrixKernels.GROUP),
        DeltaMatrixKernels::scores,
        t.context(),
        t.ints(saved.q().rows()),
        t.ints(saved.k().rows()),
        t.ints(saved.k().columns()),
        t.floats(saved.keyScores()),
        t.floats(saved.queryScores()),
        width(dims.keySize()),
        dims.keySize());
    t.task(
        "invert",
        Grid.groups(groups, DeltaMatrixKernels.GROUP),
        DeltaMatrixKernels::invert,
        t.context(),
        t.floats(saved.keyScores()),
        t.floats(saved.gates()),
        t.ints(solving),
        t.ints(saved.inverse()),
        dims.keyHeads(),
        dims.valueHeads());
    t.task(
        "weigh",
        Grid.groups(groups * 4, DeltaMatrixKernels.GROUP),
        DeltaMatrixKernels::weigh,
        t.context(),
        t.floats(saved.queryScores()),
        t.floats(saved.gates()),
        t.ints(p),
        t.ints(saved.weights()),
        dims.scale(),
        dims.keyHeads(),
        dims.valueHeads());
  }

  private static void pack(
      Tasks t,
      Tensor x,
      Packed to,
      Saved saved,
      int tokens,
      int heads,
      GatedDeltaRuleDimensions dims) {
    int items = saved.chunks() * heads * 16 * dims.keySize();
    t.task(
        "pack",
        Grid.groups(items / DeltaMatrixKernels.GROUP, DeltaMatrixKernels.GROUP),
        DeltaMatrixKernels::pack,
        t.context(),
        t.floats(x),
        t.ints(saved.bounds()),
        t.ints(to.rows()),
        t.ints(to.columns()),
        tokens,
        heads,
        dims.keySize());
  }

  /// `out = weights · x`
  ///
  /// @param tokens whether `x` has rows of tokens; else it is in chunk layout
  /// @param heads of `x`
  static void multiply(
      Tasks t,
      Tensor weights,
      Tensor x,
      Saved saved,
      Tensor out,
      boolean tokens,
      int decayed,
      int heads,
      GatedDeltaRuleDimensions dims) {
    int size = x.shape().extent(3);
    t.task(
        "multiply",
        Grid.groups(saved.chunks() * dims.valueHeads(), 4 * size),
        DeltaMatrixProductKernels::multiply,
        t.context(),
        t.ints(weights),
        t.floats(x),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.floats(out),
        tokens ? 1 : 0,
        decayed,
        heads,
        dims.valueHeads(),
        size);
  }

  private static void scan(
      Tasks t,
      Inputs in,
      Saved saved,
      Tensor last,
      Tensor exchange,
      GatedDeltaRuleDimensions dims) {
    t.task(
        "scan",
        columns(dims),
        DeltaMatrixScanKernels::scanStates,
        t.context(),
        t.ints(saved.w().rows()),
        t.ints(saved.k().columns()),
        t.floats(saved.gates()),
        t.floats(OptionalTensors.or(in.initial(), saved.gates())),
        t.ints(saved.first()),
        t.floats(saved.u()),
        t.ints(saved.states()),
        t.floats(last),
        t.floats(exchange),
        OptionalTensors.flag(in.initial()),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void combine(
      Tasks t, Saved saved, Tensor p, Tensor output, Tensor rest, GatedDeltaRuleDimensions dims) {
    t.task(
        "combine",
        Grid.groups(saved.chunks() * dims.valueHeads(), 4 * dims.valueSize()),
        DeltaMatrixProductKernels::combine,
        t.context(),
        t.ints(saved.q().rows()),
        t.floats(saved.gates()),
        t.ints(saved.bounds()),
        t.ints(saved.states()),
        t.ints(p),
        t.floats(saved.u()),
        t.floats(output),
        t.floats(rest),
        dims.scale(),
        width(dims.keySize()),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize());
  }

  @Override
  public void backward(
      Graph graph, Inputs in, List<Tensor> list, Cotangents d, GatedDeltaRuleDimensions dims) {
    if (!fits(dims)) {
      OTHERS.backward(graph, in, list, d, dims);
      return;
    }
    var more = new DeltaMatrixGradients(Saved.of(list), in, d, dims, graph);
    graph
        .node(in.name() + ".backward")
        .reads(
            RecurrentForm.with(
                RecurrentForm.with(in.all(), list.toArray(Tensor[]::new)), d.dO(), d.dLast()))
        .writes(d.written())
        .scratch(more.scratch())
        .lower(more::lower);
  }

  /// Terms of a sum that a group has in local memory at a time.
  static int width(int size) {
    return size % 64 == 0 ? 64 : 32;
  }

  static Grid columns(GatedDeltaRuleDimensions dims) {
    return Grid.groups(
            dims.sequences() * dims.valueHeads(),
            dims.valueSize() / DeltaMatrixScanKernels.TILE,
            DeltaMatrixScanKernels.GROUP)
        .resident(2 * DeltaMatrixScanKernels.GROUP);
  }

  static Shape keyRows(int chunks, GatedDeltaRuleDimensions dims) {
    return Shape.of(chunks, dims.valueHeads(), CHUNK, dims.keySize());
  }

  static Shape valueRows(int chunks, GatedDeltaRuleDimensions dims) {
    return Shape.of(chunks, dims.valueHeads(), CHUNK, dims.valueSize());
  }

  static Shape states(int chunks, GatedDeltaRuleDimensions dims) {
    return Shape.of(chunks, dims.valueHeads(), dims.keySize(), dims.valueSize() / 2);
  }

  static Shape exchange(GatedDeltaRuleDimensions dims) {
    int groups = dims.sequences() * dims.valueHeads();
    return Shape.of(groups, CHUNK + dims.keySize(), dims.valueSize());
  }

  /// Room for chunks that are cut short; next to none if there cannot be any.
  private static Shape rest(int chunks, GatedDeltaRuleDimensions dims) {
    boolean whole = dims.sequences() == dims.batch() && dims.length() % CHUNK == 0;
    return whole ? Shape.of(1) : valueRows(chunks, dims);
  }

  static Tensor operand(Graph graph, String name, int chunks, int heads, int size) {
    return graph.activation(name, Shape.of(chunks, heads, size / 2, CHUNK), ElementType.INT32);
  }

  private static Packed packed(
      Graph graph, String name, int chunks, int heads, GatedDeltaRuleDimensions dims) {
    return new Packed(
        operand(graph, name, chunks, heads, dims.keySize()),
        operand(graph, name + "_turned", chunks, heads, dims.keySize()));
  }
}
