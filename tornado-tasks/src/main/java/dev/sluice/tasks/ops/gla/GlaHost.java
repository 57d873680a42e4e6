package dev.sluice.tasks.ops.gla;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.host.CacheLines;
import dev.sluice.tasks.host.HeadGroups;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Gated linear attention on the Vector API.
///
/// The work is cut into items, a sequence and a group of heads each. Heads share nothing, so
/// results are the same for any number of threads. Heads of a group take their chunks in turn,
/// since memory gives whole rows several times as fast as a head's part of each; a thread that is
/// alone takes larger groups. A head goes in chunks unless it meets one whose gates are too strong,
/// which the data alone decides: then it goes token by token from its begin.
final class GlaHost {
  private final GlaSweep sweep;
  private final GlaChunks chunks;
  private final GlaChunkGradients gradients;
  private final GlaTokens tokens;
  private final Split shared;
  private final Split single;
  private final float[] scratch;
  private final IntConsumer forwardSlot = this::forwardSlot;
  private final IntConsumer backwardSlot = this::backwardSlot;
  private Split split;
  private Outputs outputs = new Outputs(new float[0], new float[0], null);
  private @Nullable Cotangents cotangents;

  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param v `[rows, H, V]`, Read
  /// @param g log gate of the shape that its kind says, Read
  /// @param h0 `[N, H, K, V]`, Read, or null for zero
  record Operands(float[] q, float[] k, float[] v, float[] g, float @Nullable [] h0) {}

  /// @param o `[rows, H, V]`, Overwritten
  /// @param ht `[N, H, K, V]`, Overwritten
  /// @param kept `[M/INTERVAL, H, K, V]`, Overwritten with the states that
  ///   [GlaChunkGradients#place] says, or null where no gradients are wanted
  record Outputs(float[] o, float[] ht, float @Nullable [] kept) {}

  /// @param kept what the forward pass left there, Read
  /// @param dO `[rows, H, V]`, Read
  /// @param dHt `[N, H, K, V]`, Read, or null for zero
  /// @param dQ `[rows, H, K]`, Overwritten
  /// @param dK `[rows, H, K]`, Overwritten
  /// @param dV `[rows, H, V]`, Overwritten
  /// @param dG shape of the gate and, where a head's keys share it, a last axis of key panels;
  ///   Overwritten, or null where it is not wanted
  /// @param dH0 `[N, H, K, V]`, Overwritten, or null where it is not wanted
  record Cotangents(
      float[] kept,
      float[] dO,
      float @Nullable [] dHt,
      float[] dQ,
      float[] dK,
      float[] dV,
      float @Nullable [] dG,
      float @Nullable [] dH0) {}

  /// @param cu `[N + 1]`, Read, or null where sequences are not packed
  /// @param scratch [#scratch] floats, Overwritten
  /// @param slots how many items may run at the same time
  /// @param group heads of an item where threads share the work, as [#group] says
  GlaHost(
      GlaDimensions dims, Operands in, int @Nullable [] cu, float[] scratch, int slots, int group) {
    sweep = new GlaSweep(dims, cu);
    chunks = new GlaChunks(sweep, in, scratch);
    gradients = new GlaChunkGradients(sweep, in, scratch);
    tokens = new GlaTokens(sweep, in, scratch);
    shared = Split.of(dims, group, slots);
    single = Split.of(dims, group(dims, 1), 1);
    split = shared;
    this.scratch = scratch;
  }

  /// How the work is shared out; a thread that is alone takes more heads together.
  ///
  /// @param group heads of an item
  /// @param groups items of a sequence
  /// @param items of all sequences
  /// @param slots how many items may run at the same time
  /// @param slotSize floats of scratch of a slot
  private record Split(int group, int groups, int items, int slots, int slotSize) {
    static Split of(GlaDimensions dims, int group, int slots) {
      int groups = Math.ceilDiv(dims.heads(), group);
      return new Split(
          group, groups, GlaHost.items(dims, group), slots, GlaHost.slotSize(dims, group));
    }
  }

  /// Heads of an item.
  static int group(GlaDimensions dims, int threads) {
    int size = Math.max(dims.keySize(), dims.valueSize());
    return HeadGroups.of(dims.sequences(), dims.heads(), size, threads);
  }

  /// Items, with `group` heads each.
  static int items(GlaDimensions dims, int group) {
    return dims.sequences() * Math.ceilDiv(dims.heads(), group);
  }

  /// Shape of the states that the forward pass keeps for the backward pass.
  static Shape keptShape(GlaDimensions dims) {
    int states = Math.max(1, dims.rows() / GlaChunkGradients.INTERVAL);
    return Shape.of(states, dims.heads(), dims.keySize(), dims.valueSize());
  }

  /// Floats of scratch of `slots` slots, with some to spare so that they begin with a cache line:
  /// else passes take a tenth longer.
  static int scratch(GlaDimensions dims, int group, int slots) {
    int most = Math.max(slots * slotSize(dims, group), slotSize(dims, group(dims, 1)));
    return most + CacheLines.FLOATS - 1;
  }

  private static int slotSize(GlaDimensions dims, int group) {
    int chunked = Math.max(GlaChunks.scratch(dims, group), GlaChunkGradients.scratch(dims, group));
    return GlaChunks.padded(Math.max(GlaSweep.scratch(dims), chunked));
  }

  /// `S ← diag(e^g) S + k vᵀ`, `o = (scale·q)ᵀ S`
  void forward(Workers workers, Outputs into) {
    outputs = into;
    split = workers.isAlone() ? single : shared;
    workers.run(split.slots(), forwardSlot);
  }

  /// Gradients of [#forward].
  void backward(Workers workers, Cotangents into) {
    cotangents = into;
    split = workers.isAlone() ? single : shared;
    workers.run(split.slots(), backwardSlot);
  }

  private void forwardSlot(int slot) {
    Split s = split;
    int base = CacheLines.start(scratch) + slot * s.slotSize();
    for (int item = slot; item < s.items(); item += s.slots()) {
      int n = item / s.groups();
      int h = item % s.groups() * s.group();
      int left = chunks.forward(base, n, h, Math.min(s.group(), sweep.H - h), outputs);
      for (; left != 0; left &= left - 1) {
        tokens.forward(base, n, h + Integer.numberOfTrailingZeros(left), outputs);
      }
    }
  }

  private void backwardSlot(int slot) {
    Cotangents into = cotangents;
    if (into == null) {
      throw new IllegalStateException("no gradients to compute");
    }
    Split s = split;
    int base = CacheLines.start(scratch) + slot * s.slotSize();
    for (int item = slot; item < s.items(); item += s.slots()) {
      int n = item / s.groups();
      int h = item % s.groups() * s.group();
      int left = gradients.run(base, n, h, Math.min(s.group(), sweep.H - h), into);
      for (; left != 0; left &= left - 1) {
        tokens.backward(base, n, h + Integer.numberOfTrailingZeros(left), into);
      }
    }
  }
}
