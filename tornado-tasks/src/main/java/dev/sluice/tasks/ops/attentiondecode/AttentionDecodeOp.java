package dev.sluice.tasks.ops.attentiondecode;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.attention.AttentionOptions;

/// Causal softmax attention of new time steps over a cache of fixed capacity: the new keys and
/// values go into the cache, then each query sees what is there up to its own position. For
/// generation (one new step) and for filling the cache by chunks of a prompt; no gradients.
///
/// Position `p` lies in slot `p mod capacity`: with a window, a capacity of `window + T − 1` loses
/// nothing; without one, positions must stay below the capacity, or the oldest are forgotten.
public final class AttentionDecodeOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "attention_decode";

  private record Dimensions(
      int batch, int steps, int heads, int keyHeads, int headSize, int capacity) {}

  private AttentionDecodeOp() {}

  /// Appends the op.
  ///
  /// @param q `[B, T, H, D]`
  /// @param k `[B, T, KV, D]`, `H` a multiple of `KV`
  /// @param v `[B, T, KV, D]`
  /// @param keys `[B, capacity, KV, D]`, the cache of keys, updated
  /// @param values `[B, capacity, KV, D]`, the cache of values, updated
  /// @param position `[1]` or `[B]` int32: how many time steps are in the cache before, of each
  ///   sequence or of all
  /// @param options causal; window and scale
  /// @return o `[B, T, H, D]`
  /// @throws GraphException if a shape does not fit, the options are not causal or more steps are
  ///   appended than the cache holds
  public static Tensor apply(
      Graph graph,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor keys,
      Tensor values,
      Tensor position,
      AttentionOptions options) {
    Dimensions dims = dimensions(q, k, v, keys, values, position, options);
    int positions = position.size();
    AttentionDecodeImplementation form = graph.choose(NAME, AttentionDecodeImplementation.class);
    Tensor o = graph.activation("attention_decode", q.shape());
    graph
        .node("attention_decode")
        .reads(q, k, v, position)
        .writes(o)
        .updates(keys, values)
        .lower(t -> {
          int width = dims.keyHeads() * dims.headSize();
          t.task(
              "keys",
              Grid.PARALLEL,
              AttentionDecodeKernels::append,
              t.floats(k),
              t.ints(position),
              t.floats(keys),
              positions,
              dims.batch(),
              dims.steps(),
              width,
              dims.capacity());
          t.task(
              "values",
              Grid.PARALLEL,
              AttentionDecodeKernels::append,
              t.floats(v),
              t.ints(position),
              t.floats(values),
              positions,
              dims.batch(),
              dims.steps(),
              width,
              dims.capacity());
          if (form == AttentionDecodeImplementation.HOST) {
            AttentionDecodeHost.attend(
                t,
                q,
                keys,
                values,
                position,
                o,
                options.scale(),
                options.window(),
                positions,
                dims.batch(),
                dims.steps(),
                dims.heads(),
                dims.keyHeads(),
                dims.headSize(),
                dims.capacity());
            return;
          }
          t.task(
              "attend",
              Grid.PARALLEL,
              AttentionDecodeKernels::attend,
              t.floats(q),
              t.floats(keys),
              t.floats(values),
              t.ints(position),
              t.floats(o),
              options.scale(),
              options.window(),
              positions,
              dims.batch(),
              dims.steps(),
              dims.heads(),
              dims.keyHeads(),
              dims.headSize(),
              dims.capacity());
        });
    return o;
  }

  private static Dimensions dimensions(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor keys,
      Tensor values,
      Tensor position,
      AttentionOptions options) {
    Shape shape = q.shape();
    if (shape.rank() != 4 || k.shape().rank() != 4 || keys.shape().rank() != 4) {
      throw new GraphException(
          "queries, keys and caches must be [B, T, H, D], not %s, %s and %s".formatted(q, k, keys));
    }
    var dims =
        new Dimensions(
            shape.extent(0),
            shape.extent(1),
            shape.extent(2),
            k.shape().extent(2),
            shape.columns(),
            keys.shape().extent(1));
    k.expect(Shape.of(dims.batch(), dims.steps(), dims.keyHeads(), dims.headSize()));
    v.expect(k.shape());
    keys.expect(Shape.of(dims.batch(), dims.capacity(), dims.keyHeads(), dims.headSize()));
    values.expect(keys.shape());
    if (dims.heads() % dims.keyHeads() != 0) {
      throw new GraphException(
          "%d query heads cannot share %d key heads; make it a multiple"
              .formatted(dims.heads(), dims.keyHeads()));
    }
    if (position.size() != 1 && position.size() != dims.batch()) {
      throw new GraphException(
          "position '%s' must be one for all or one for each of %d sequences"
              .formatted(position, dims.batch()));
    }
    if (!options.causal() || dims.steps() > dims.capacity()) {
      throw new GraphException(
          "decoding needs causal attention and at most %d new steps, the cache's capacity"
              .formatted(dims.capacity()));
    }
    return dims;
  }
}
