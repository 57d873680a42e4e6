package dev.sluice.layers;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.assign.AssignOp;
import dev.sluice.tasks.ops.dropout.DropoutOp;
import dev.sluice.tasks.ops.rotary.RotaryOp;
import org.jspecify.annotations.Nullable;

/// How the sequences of a batch are to be read: whole and from the beginning (training,
/// evaluation), packed one behind another, or as a piece of a longer sequence whose state is kept
/// from execution to execution (generation).
public final class SequenceContext {
  /// Name of the variable that holds the number of tokens already read, in generation.
  public static final String POSITION = "generation.position";

  private static final String STATE_PREFIX = "state.";

  private final @Nullable Tensor offsets;
  private final @Nullable Tensor position;
  private final int capacity;
  private final int piece;
  private final float dropout;
  private final @Nullable Tensor randomKey;
  private int sites;
  private @Nullable Limit limit;

  private SequenceContext(
      @Nullable Tensor offsets,
      @Nullable Tensor position,
      int capacity,
      int piece,
      float dropout,
      @Nullable Tensor randomKey) {
    this.offsets = offsets;
    this.position = position;
    this.capacity = capacity;
    this.piece = piece;
    this.dropout = dropout;
    this.randomKey = randomKey;
  }

  /// How long a sequence may become in generation.
  ///
  /// @param steps the most steps
  /// @param remedy what would allow more
  public record Limit(int steps, String remedy) {}

  /// Every row of the batch is a sequence from its beginning.
  public static SequenceContext whole() {
    return new SequenceContext(null, null, 0, 0, 0, null);
  }

  /// Every row of the batch is a sequence from its beginning, with dropout.
  ///
  /// @param probability of a value being dropped
  /// @param randomKey int32 `[4]`: seed low, seed high, step, micro-step
  public static SequenceContext training(float probability, Tensor randomKey) {
    return new SequenceContext(null, null, 0, 0, probability, randomKey);
  }

  /// Sequences packed one behind another in a batch of one.
  ///
  /// @param offsets int32 `[N + 1]`: where each begins, padded with `T`
  public static SequenceContext packed(Tensor offsets) {
    return new SequenceContext(offsets, null, 0, 0, 0, null);
  }

  /// A piece of a longer sequence: states are read from and written to variables.
  ///
  /// @param capacity the most tokens that an attention cache without a window can hold
  /// @param piece the most tokens that one execution of any graph with the same states reads
  public static SequenceContext continued(Graph graph, int capacity, int piece) {
    Tensor position = graph.variables().setting(POSITION, Shape.of(1), ElementType.INT32);
    return new SequenceContext(null, position, capacity, piece, 0, null);
  }

  /// The offsets of packed sequences, or null.
  public @Nullable Tensor offsets() {
    return offsets;
  }

  /// How many sequences a batch of `batch` rows holds: those packed in it, else one a row.
  public int sequences(int batch) {
    return offsets == null ? batch : offsets.size() - 1;
  }

  /// The number of tokens already read, int32 `[1]`, or null if sequences start here.
  public @Nullable Tensor position() {
    return position;
  }

  /// The positions that rotary embeddings take: where in its sequence each step stands, or what is
  /// to be added to the step; null for the step alone.
  ///
  /// @param steps `T`
  public @Nullable Tensor positions(Graph graph, int steps) {
    return offsets == null ? position : RotaryOp.packedPositions(graph, offsets, steps);
  }

  /// How many tokens an attention cache holds: all that a piece sees where there is a window, else
  /// as many as the capacity, to which sequences are then limited.
  ///
  /// @param window how many tokens a token sees, 0 for all
  public int cacheSlots(int window) {
    long seen = (long) window + piece - 1;
    return window > 0 && seen <= capacity
        ? (int) seen
        : limitedSlots(capacity, "a greater 'max_position_embeddings'");
  }

  /// How many tokens a layer keeps that cannot read more than `steps`, to which sequences are then
  /// limited; so many at least that a piece has room.
  ///
  /// @param remedy what would allow more
  public int limitedSlots(int steps, String remedy) {
    if (limit == null || steps < limit.steps()) {
      limit = new Limit(steps, remedy);
    }
    return Math.max(steps, piece);
  }

  /// How long a sequence may become because layers keep the whole of it, or null.
  public @Nullable Limit limit() {
    return limit;
  }

  /// The state with which a mixer begins: a variable in generation, else null, which is zero.
  public @Nullable Tensor state(Scope scope, String name, Shape shape) {
    if (position == null) {
      return null;
    }
    String full = STATE_PREFIX + scope.name(name);
    return scope.graph().variables().variable(full, shape, ElementType.FLOAT32);
  }

  /// Keeps the state with which a mixer ends for the next execution, in generation.
  public void keep(Scope scope, String name, Tensor end) {
    Tensor state = state(scope, name, end.shape());
    if (state != null) {
      AssignOp.apply(scope.graph(), end, state);
    }
  }

  /// Drops values at random in training, else hands `x` back.
  public Tensor drop(Scope scope, Tensor x) {
    return randomKey == null || dropout == 0
        ? x
        : DropoutOp.apply(scope.graph(), x, dropout, randomKey, sites++);
  }
}
