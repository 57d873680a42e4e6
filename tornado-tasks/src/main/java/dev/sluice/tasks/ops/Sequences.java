package dev.sluice.tasks.ops;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which rows of `[B·T, …]` are one sequence, as device data of one form for batches and for packed
/// sequences, so that a kernel need not know which of the two it has.
///
/// @param count number `N` of sequences: `B`, or the fixed maximum of a packed batch
/// @param rows `B·T`
/// @param longest upper bound of a sequence's length
/// @param offsets `[N+1]` int32: sequence `n` has the rows from `offsets[n]` to before
///   `offsets[n+1]`; it may be empty
public record Sequences(int count, int rows, int longest, Tensor offsets) {
  /// Parts of sequences, none longer than a given size and none reaching into another sequence.
  ///
  /// @param count upper bound of the number of parts
  /// @param bounds `[count, 2]` int32: first row and row behind the last; unused parts are empty
  /// @param first `[N+1]` int32: the parts of sequence `n` are those from `first[n]` to before
  ///   `first[n+1]`
  public record Chunks(int count, Tensor bounds, Tensor first) {}

  private record OffsetsKey(int batch, int length) {}

  private record ChunksKey(Tensor offsets, int size) {}

  /// The sequences of a batch. Those of one size have their offsets in common in a graph.
  ///
  /// @param batch `B`; 1 where sequences are packed
  /// @param length `T`
  /// @param cuSeqlens `[N+1]` int32, from 0, never falling, ending with (or padded by) `T`; null
  ///   for `B` sequences of length `T`
  /// @throws GraphException if packed sequences come with a batch other than 1
  public static Sequences of(Graph graph, int batch, int length, @Nullable Tensor cuSeqlens) {
    if (cuSeqlens != null) {
      if (batch != 1) {
        throw new GraphException(
            "packed sequences need a batch of 1, not %d; put them one behind the other"
                .formatted(batch));
      }
      if (cuSeqlens.type() != ElementType.INT32 || cuSeqlens.size() < 2) {
        throw new GraphException(
            "tensor '%s' must hold the int32 bounds of at least one sequence"
                .formatted(cuSeqlens.name()));
      }
      return new Sequences(cuSeqlens.size() - 1, length, length, cuSeqlens);
    }
    Tensor offsets =
        graph.common(new OffsetsKey(batch, length), () -> offsets(graph, batch, length));
    return new Sequences(batch, batch * length, length, offsets);
  }

  private static Tensor offsets(Graph graph, int batch, int length) {
    Tensor offsets = graph.activation("sequences.offsets", Shape.of(batch + 1), ElementType.INT32);
    graph
        .node("sequences.offsets")
        .writes(offsets)
        .lower(t ->
            t.task(
                "offsets",
                Grid.PARALLEL,
                SequenceKernels::offsets,
                t.ints(offsets),
                batch,
                length));
    return offsets;
  }

  /// Cuts the sequences into parts of at most `size` rows, from each one's beginning.
  public Chunks chunks(Graph graph, int size) {
    return graph.common(new ChunksKey(offsets, size), () -> cut(graph, size));
  }

  private Chunks cut(Graph graph, int size) {
    int upper = Math.min(rows / size + count, count * ((longest + size - 1) / size));
    Tensor bounds = graph.activation("sequences.chunks", Shape.of(upper, 2), ElementType.INT32);
    Tensor first = graph.activation("sequences.first", Shape.of(count + 1), ElementType.INT32);
    graph
        .node("sequences.chunks")
        .reads(offsets)
        .writes(bounds, first)
        .lower(t ->
            t.task(
                "chunks",
                Grid.PARALLEL,
                SequenceKernels::chunks,
                t.ints(offsets),
                t.ints(bounds),
                t.ints(first),
                upper,
                size,
                count));
    return new Chunks(upper, bounds, first);
  }

  /// For each row the first row of its sequence, the row behind the last, and the sequence's
  /// number: `[B·T, 3]` int32.
  public Tensor rowBounds(Graph graph) {
    Tensor bounds = graph.activation("sequences.rows", Shape.of(rows, 3), ElementType.INT32);
    graph
        .node("sequences.rows")
        .reads(offsets)
        .writes(bounds)
        .lower(t ->
            t.task(
                "rows",
                Grid.PARALLEL,
                SequenceKernels::rowBounds,
                t.ints(offsets),
                t.ints(bounds),
                rows,
                count));
    return bounds;
  }

  /// Those of `tensors` that are there, for what a node with optional inputs reads.
  public static List<Tensor> present(@Nullable Tensor... tensors) {
    List<Tensor> there = new ArrayList<>();
    for (Tensor tensor : tensors) {
      if (tensor != null) {
        there.add(tensor);
      }
    }
    return there;
  }
}
