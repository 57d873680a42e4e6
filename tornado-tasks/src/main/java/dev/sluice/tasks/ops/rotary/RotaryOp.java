package dev.sluice.tasks.ops.rotary;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.Sequences;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rotary position embedding: pairs `(x[i], x[i+D/2])` are rotated by `position · base^(−2i/D)`,
/// the convention of GPT-NeoX and flash-linear-attention.
///
/// Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
public final class RotaryOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "rotary";

  private record Dimensions(int rows, int heads, int headSize, float base) {}

  private RotaryOp() {}

  /// Appends the op.
  ///
  /// @param x `[B, T, H, D]`, `D` even
  /// @param positions int32: `B·T` positions at least 0; or `[1]` (or `[B]`) offsets, to which the
  ///   time step is added; null for the time step alone
  /// @param base base of the wave lengths, 10000 as a rule
  /// @return y, shape of `x`
  /// @throws GraphException if a shape does not fit
  public static Tensor apply(Graph graph, Tensor x, @Nullable Tensor positions, float base) {
    Shape shape = x.shape();
    if (shape.rank() != 4 || shape.columns() % 2 != 0) {
      throw new GraphException("tensor '%s' must be [B, T, H, D] with an even D".formatted(x));
    }
    int batch = shape.extent(0);
    int length = shape.extent(1);
    var dims = new Dimensions(batch * length, shape.extent(2), shape.columns(), base);
    Tensor places = places(graph, positions, batch, length);
    RotaryImplementation form = graph.choose(NAME, RotaryImplementation.class);
    Tensor y = graph.activation("rotary", shape);
    append(graph, form, x, places, y, 1, dims);
    graph.differentiable(
        List.of(x), List.of(y), g -> append(graph, form, g.of(y), places, g.fresh(x), -1, dims));
    return y;
  }

  /// The position of each row within its packed sequence, to be given to [#apply].
  ///
  /// @param cuSeqlens `[N+1]` int32 bounds of packed sequences
  /// @param length `T`
  /// @return `[1, T]` int32
  public static Tensor packedPositions(Graph graph, Tensor cuSeqlens, int length) {
    Tensor bounds = Sequences.of(graph, 1, length, cuSeqlens).rowBounds(graph);
    Tensor positions = graph.activation("rotary.positions", Shape.of(1, length), ElementType.INT32);
    graph
        .node("rotary.packed_positions")
        .reads(bounds)
        .writes(positions)
        .lower(t ->
            t.task(
                "positions",
                Grid.PARALLEL,
                RotaryKernels::packedPositions,
                t.ints(bounds),
                t.ints(positions),
                length));
    return positions;
  }

  private static Tensor places(Graph graph, @Nullable Tensor positions, int batch, int length) {
    int count = positions == null ? 0 : positions.size();
    if (positions != null && length > 1 && count == batch * length) {
      return positions;
    }
    if (count > 1 && count != batch) {
      throw new GraphException(
          "positions '%s' must be 1, %d or %d".formatted(positions, batch, batch * length));
    }
    return counted(graph, positions, count, batch, length);
  }

  private static Tensor counted(
      Graph graph, @Nullable Tensor offset, int count, int batch, int length) {
    Tensor places =
        graph.activation("rotary.positions", Shape.of(batch, length), ElementType.INT32);
    graph
        .node("rotary.positions")
        .reads(Sequences.present(offset))
        .writes(places)
        .lower(t -> {
          if (offset == null) {
            t.task(
                "positions",
                Grid.PARALLEL,
                RotaryKernels::countPositions,
                t.ints(places),
                batch,
                length);
          } else {
            t.task(
                "positions",
                Grid.PARALLEL,
                RotaryKernels::offsetPositions,
                t.ints(offset),
                t.ints(places),
                count,
                batch,
                length);
          }
        });
    return places;
  }

  private static void append(
      Graph graph,
      RotaryImplementation form,
      Tensor x,
      Tensor places,
      Tensor y,
      int direction,
      Dimensions dims) {
    graph
        .node(direction > 0 ? "rotary.forward" : "rotary.backward")
        .reads(x, places)
        .writes(y)
        .lower(t -> {
          if (form == RotaryImplementation.HOST) {
            RotaryHost.rotate(
                t,
                x,
                places,
                y,
                dims.base(),
                direction,
                dims.rows(),
                dims.heads(),
                dims.headSize());
            return;
          }
          t.task(
              "rotate",
              Grid.PARALLEL,
              RotaryKernels::rotatePairs,
              t.floats(x),
              t.ints(places),
              t.floats(y),
              (float) Math.log(dims.base()),
              (float) direction,
              dims.rows(),
              dims.heads(),
              dims.headSize());
        });
  }
}
