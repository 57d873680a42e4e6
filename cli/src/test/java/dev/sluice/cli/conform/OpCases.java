package dev.sluice.cli.conform;

import dev.sluice.tasks.ops.attention.AttentionOptions;
import dev.sluice.tasks.ops.attention.AttentionReference;
import dev.sluice.tasks.ops.gatedattention.GatedAttentionReference;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleReference;
import dev.sluice.tasks.ops.gateddeltarule.QkNorm;
import dev.sluice.tasks.ops.gla.GlaReference;
import dev.sluice.tasks.ops.retention.RetentionReference;
import dev.sluice.tasks.ops.simplegla.SimpleGlaReference;
import dev.sluice.tasks.ops.ssd.SsdReference;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One case of an op file from the references, of any shape.
///
/// @param name of the case
/// @param batch sequences, 1 where they are packed
/// @param offsets where sequences begin, then the number of rows
/// @param packed whether the case has `cu_seqlens`
/// @param keyHeads `H`, of queries and keys; of keys and values in attention; groups in SSD
/// @param heads heads of values; of queries in attention
/// @param gate every log gate, or NaN for random ones
/// @param beta every β, or NaN for random ones
/// @param state size of the initial states, 0 for none
record OpCases(
    String name,
    int batch,
    int[] offsets,
    boolean packed,
    int keyHeads,
    int heads,
    int keySize,
    int valueSize,
    double gate,
    double beta,
    double state) {
  /// `batch` sequences of `length` rows.
  static OpCases of(
      String name, int batch, int length, int keyHeads, int heads, int keySize, int valueSize) {
    int[] offsets = IntStream.rangeClosed(0, batch).map(n -> n * length).toArray();
    return new OpCases(
        name,
        batch,
        offsets,
        false,
        keyHeads,
        heads,
        keySize,
        valueSize,
        Double.NaN,
        Double.NaN,
        1);
  }

  OpCases packed(int... rows) {
    return new OpCases(
        name + "_packed", 1, rows, true, keyHeads, heads, keySize, valueSize, gate, beta, state);
  }

  OpCases gate(double value) {
    return new OpCases(
        name + "_gate" + -value,
        batch,
        offsets,
        packed,
        keyHeads,
        heads,
        keySize,
        valueSize,
        value,
        beta,
        state);
  }

  OpCases beta(double value) {
    return new OpCases(
        name + "_beta" + value,
        batch,
        offsets,
        packed,
        keyHeads,
        heads,
        keySize,
        valueSize,
        gate,
        value,
        state);
  }

  OpCases state(double size) {
    return new OpCases(
        name + "_state" + size,
        batch,
        offsets,
        packed,
        keyHeads,
        heads,
        keySize,
        valueSize,
        gate,
        beta,
        size);
  }

  private int rows() {
    return offsets[offsets.length - 1];
  }

  private int sequences() {
    return offsets.length - 1;
  }

  /// `sizes` behind batch and time.
  private long[] shape(int... sizes) {
    long[] shape = new long[sizes.length + 2];
    shape[0] = batch;
    shape[1] = rows() / batch;
    Arrays.setAll(shape, i -> i < 2 ? shape[i] : sizes[i - 2]);
    return shape;
  }

  private double[] random(int seed, int count) {
    Random random = new Random(31L * name.hashCode() + seed);
    // Whole floats, so that the file holds what the reference sees.
    return IntStream.range(0, count).mapToDouble(i -> (float) random.nextGaussian()).toArray();
  }

  private double[] gates(int count) {
    double[] noise = random(4, count);
    Arrays.setAll(noise, i -> Double.isNaN(gate) ? (float) -Math.abs(noise[i]) / 2 : gate);
    return noise;
  }

  private double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(x -> (float) (x * factor)).toArray();
  }

  private @Nullable double[] initial() {
    int size = sequences() * heads * keySize * valueSize;
    return state == 0 ? null : scaled(random(6, size), state);
  }

  private OpFiles begin() {
    OpFiles file = new OpFiles();
    return packed ? file.add(name + "/in/cu_seqlens", offsets) : file;
  }

  private void input(OpFiles file, String key, double[] value, double[] gradient, long... shape) {
    file.add(name + "/in/" + key, value, shape).add(name + "/grad/" + key, gradient, shape);
  }

  private void output(OpFiles file, String key, double[] value, double[] cotangent, long... shape) {
    file.add(name + "/out/" + key, value, shape).add(name + "/cot/" + key, cotangent, shape);
  }

  private void states(OpFiles file, double[] last, double[] dLast, double[] dInitial) {
    long[] shape = {sequences(), heads, keySize, valueSize};
    output(file, "ht", last, dLast, shape);
    double[] initial = initial();
    if (initial != null) {
      input(file, "h0", initial, dInitial, shape);
    }
  }

  /// Gated linear attention and its relatives: `gla`, `simple_gla`, `retention`,
  /// `linear_attention`.
  OpFiles linear(String op) {
    int keys = rows() * heads * keySize;
    int values = rows() * heads * valueSize;
    int statesSize = sequences() * heads * keySize * valueSize;
    double[] q = random(1, keys);
    double[] k = random(2, keys);
    double[] v = random(3, values);
    double[] scalar = gates(rows() * heads);
    double[] g =
        switch (op) {
          case "gla" -> gates(keys);
          case "simple_gla" -> SimpleGlaReference.gates(scalar, keySize);
          case "retention" -> RetentionReference.gates(rows(), heads, keySize);
          default -> new double[keys];
        };
    double[] o = new double[values];
    double[] last = new double[statesSize];
    double scale = (float) (1 / Math.sqrt(keySize));
    GlaReference.forward(q, k, v, g, initial(), offsets, o, last, scale, heads, keySize, valueSize);
    double[] dO = random(7, values);
    double[] dLast = random(8, statesSize);
    double[] dQ = new double[keys];
    double[] dK = new double[keys];
    double[] dV = new double[values];
    double[] dG = new double[keys];
    double[] dInitial = new double[statesSize];
    GlaReference.backward(
        q, k, v, g, initial(), offsets, dO, dLast, dQ, dK, dV, dG, dInitial, scale, heads, keySize,
        valueSize);
    OpFiles file = begin();
    input(file, "q", q, dQ, shape(heads, keySize));
    input(file, "k", k, dK, shape(heads, keySize));
    input(file, "v", v, dV, shape(heads, valueSize));
    if (op.equals("gla")) {
      input(file, "g", g, dG, shape(heads, keySize));
    } else if (op.equals("simple_gla")) {
      input(file, "g", scalar, SimpleGlaReference.gatesGradient(dG, keySize), shape(heads));
    }
    output(file, "o", o, dO, shape(heads, valueSize));
    states(file, last, dLast, dInitial);
    return file;
  }

  /// The delta rule, gated or not.
  OpFiles delta(boolean gated) {
    int keys = rows() * keyHeads * keySize;
    int values = rows() * heads * valueSize;
    double[] k = random(2, keys);
    for (int row = 0; row < keys; row += keySize) {
      double norm = 0;
      for (int i = row; i < row + keySize; i++) {
        norm += k[i] * k[i];
      }
      for (int i = row; i < row + keySize; i++) {
        k[i] = (float) (k[i] / Math.sqrt(norm));
      }
    }
    double[] noise = random(5, rows() * heads);
    Arrays.setAll(noise, i -> Double.isNaN(beta) ? (float) (1 + Math.tanh(noise[i])) : beta);
    var in =
        new GatedDeltaRuleReference.Inputs(
            random(1, keys),
            k,
            random(3, values),
            gated ? gates(rows() * heads) : null,
            noise,
            initial(),
            offsets);
    var sizes =
        new GatedDeltaRuleReference.Sizes(
            keyHeads, heads, keySize, valueSize, (float) (1 / Math.sqrt(keySize)), QkNorm.NONE);
    var out = GatedDeltaRuleReference.forward(in, sizes);
    double[] dO = random(7, values);
    double[] dLast = random(8, out.last().length);
    var d = GatedDeltaRuleReference.backward(in, sizes, dO, dLast);
    OpFiles file = begin();
    input(file, "q", in.q(), d.dQ(), shape(keyHeads, keySize));
    input(file, "k", k, d.dK(), shape(keyHeads, keySize));
    input(file, "v", in.v(), d.dV(), shape(heads, valueSize));
    input(file, "beta", noise, d.dBeta(), shape(heads));
    if (in.g() != null) {
      input(file, "g", in.g(), d.dG(), shape(heads));
    }
    output(file, "o", out.o(), dO, shape(heads, valueSize));
    states(file, out.last(), dLast, d.dInitial());
    return file;
  }

  /// Mamba-2's scan; keys are states, values the channels of a head.
  OpFiles ssd() {
    int channels = rows() * heads * valueSize;
    int projections = rows() * keyHeads * keySize;
    int statesSize = sequences() * heads * keySize * valueSize;
    double[] initial = initial();
    var in =
        new SsdReference.Inputs(
            random(1, channels),
            random(2, rows() * heads),
            Arrays.stream(random(3, heads)).map(x -> -Math.abs(x)).toArray(),
            random(4, projections),
            random(5, projections),
            random(9, heads),
            random(10, heads),
            initial == null ? new double[statesSize] : initial);
    var dims = new SsdReference.Dimensions(heads, valueSize, keyHeads, keySize);
    double[] last = new double[statesSize];
    double[] y = SsdReference.forward(in, offsets, last, dims);
    double[] dY = random(7, channels);
    double[] dLast = random(8, statesSize);
    var d = SsdReference.backward(in, offsets, dY, dLast, dims);
    OpFiles file = begin();
    input(file, "x", in.x(), d.x(), shape(heads, valueSize));
    input(file, "dt", in.delta(), d.delta(), shape(heads));
    input(file, "A", in.a(), d.a(), heads);
    input(file, "B", in.b(), d.b(), shape(keyHeads, keySize));
    input(file, "C", in.c(), d.c(), shape(keyHeads, keySize));
    input(file, "D", in.skip(), d.skip(), heads);
    input(file, "dt_bias", in.bias(), d.bias(), heads);
    output(file, "y", y, dY, shape(heads, valueSize));
    states(file, last, dLast, d.h0());
    return file;
  }

  /// Softmax attention, with a gate for every element or without one.
  OpFiles attention(boolean gated) {
    int queries = rows() * heads * keySize;
    int keys = rows() * keyHeads * keySize;
    double[] q = random(1, queries);
    double[] k = random(2, keys);
    double[] v = random(3, keys);
    double[] gates = random(4, queries);
    var options = AttentionOptions.causal(keySize);
    double[] o = AttentionReference.forward(q, k, v, offsets, options, heads, keyHeads, keySize);
    double[] dY = random(7, queries);
    double[] dO = dY.clone();
    double[] dGates = new double[queries];
    double[] y = o;
    if (gated) {
      y = GatedAttentionReference.forward(o, gates, rows() * heads, keySize, keySize);
      GatedAttentionReference.backward(o, gates, dY, dO, dGates, rows() * heads, keySize, keySize);
    }
    double[] dQ = new double[queries];
    double[] dK = new double[keys];
    double[] dV = new double[keys];
    AttentionReference.backward(
        q, k, v, offsets, dO, dQ, dK, dV, options, heads, keyHeads, keySize);
    OpFiles file = begin();
    input(file, "q", q, dQ, shape(heads, keySize));
    input(file, "k", k, dK, shape(keyHeads, keySize));
    input(file, "v", v, dV, shape(keyHeads, keySize));
    if (gated) {
      input(file, "gate", gates, dGates, shape(heads, keySize));
    }
    output(file, "o", y, dY, shape(heads, keySize));
    return file;
  }
}
