package dev.sluice.tasks.ops.gla;

import static dev.sluice.tasks.testing.OpCheck.doubles;
import static dev.sluice.tasks.testing.OpCheck.normal;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Numbers for gated linear attention: sizes, inputs and cotangents by name.
///
/// @param name what is special about it
/// @param offsets where the sequences begin and end
/// @param packed whether they are given to the op as packed
/// @param heads heads
/// @param keySize keys of a head
/// @param valueSize values of a head
/// @param inputs q, k, v, g, h0
/// @param cotangents of o and ht
public record GlaCase(
    String name,
    int[] offsets,
    boolean packed,
    int heads,
    int keySize,
    int valueSize,
    Map<String, double[]> inputs,
    Map<String, double[]> cotangents) {
  /// Factor of the queries in all cases.
  public static final float SCALE = 0.3f;

  /// Gates drawn around `gate`; strong and weak ones mixed where it is 1.
  public static GlaCase of(
      String name, long seed, int batch, int length, int heads, int keys, int values, float gate) {
    int[] offsets = new int[batch + 1];
    Arrays.setAll(offsets, n -> n * length);
    return random(name, seed, offsets, false, heads, keys, values, gate);
  }

  /// As [#of], the sequences being packed at `offsets`.
  public static GlaCase packed(
      String name, long seed, int[] offsets, int heads, int keys, int values, float gate) {
    return random(name, seed, offsets, true, heads, keys, values, gate);
  }

  private static GlaCase random(
      String name,
      long seed,
      int[] offsets,
      boolean packed,
      int heads,
      int keys,
      int values,
      float gate) {
    int rows = offsets[offsets.length - 1];
    int states = (offsets.length - 1) * heads * keys * values;
    Map<String, double[]> inputs = new LinkedHashMap<>();
    inputs.put("q", doubles(normal(seed, rows * heads * keys)));
    inputs.put("k", doubles(normal(seed + 1, rows * heads * keys)));
    inputs.put("v", doubles(normal(seed + 2, rows * heads * values)));
    inputs.put("g", gates(normal(seed + 3, rows * heads * keys), gate));
    inputs.put("h0", doubles(normal(seed + 4, states)));
    Map<String, double[]> cotangents = new LinkedHashMap<>();
    cotangents.put("o", doubles(normal(seed + 5, rows * heads * values)));
    cotangents.put("ht", doubles(normal(seed + 6, states)));
    return new GlaCase(name, offsets, packed, heads, keys, values, inputs, cotangents);
  }

  private static double[] gates(float[] noise, float gate) {
    double[] gates = new double[noise.length];
    for (int i = 0; i < gates.length; i++) {
      double drawn = gate == 1 ? -Math.pow(30, noise[i]) : gate * Math.abs(noise[i]);
      gates[i] = (float) Math.max(gate < -20 ? gate : drawn, -35);
    }
    return gates;
  }

  /// Shapes and gates at which implementations differ.
  public static Stream<GlaCase> all() {
    return Stream.of(
        of("usual", 1, 2, 70, 2, 16, 16, -0.1f),
        of("odd", 2, 2, 63, 1, 60, 20, -1),
        of("one step", 3, 2, 1, 2, 16, 32, -0.5f),
        of("one short of a chunk", 4, 1, 63, 2, 32, 16, -0.5f),
        of("a chunk", 5, 1, 64, 1, 17, 33, -0.5f),
        of("one more than a chunk", 6, 1, 65, 2, 24, 5, -0.5f),
        of("several chunks", 7, 1, 200, 1, 64, 64, -0.06f),
        of("wide", 8, 1, 20, 1, 130, 100, -0.3f),
        of("gates of 0", 9, 1, 100, 1, 16, 24, 0),
        of("gates of -30", 10, 1, 70, 2, 20, 12, -30),
        of("strong and weak gates", 11, 1, 130, 2, 16, 16, 1),
        of("large states", 12, 1, 40, 1, 16, 16, -0.1f).scaled("h0", 1e4),
        packed("packed", 13, new int[] {0, 0, 7, 40, 40, 41, 105, 105}, 2, 16, 24, -0.3f));
  }

  private GlaCase scaled(String input, double factor) {
    return with(input, Arrays.stream(input(input)).map(x -> (float) (x * factor)).toArray());
  }

  /// The same with another input.
  public GlaCase with(String input, double[] values) {
    Map<String, double[]> changed = new LinkedHashMap<>(inputs);
    changed.put(input, values);
    return new GlaCase(name, offsets, packed, heads, keySize, valueSize, changed, cotangents);
  }

  GlaCase withoutOutputGradient() {
    Map<String, double[]> state = Map.of("ht", cotangent("ht"));
    return new GlaCase(name, offsets, packed, heads, keySize, valueSize, inputs, state);
  }

  int sequences() {
    return offsets.length - 1;
  }

  /// Steps of all sequences.
  public int rows() {
    return offsets[offsets.length - 1];
  }

  int length(int sequence) {
    return offsets[sequence + 1] - offsets[sequence];
  }

  /// An input by name.
  public double[] input(String input) {
    return get(inputs, input);
  }

  double[] cotangent(String output) {
    return get(cotangents, output);
  }

  private static double[] get(Map<String, double[]> values, String key) {
    double[] found = values.get(key);
    if (found == null) {
      throw new IllegalArgumentException(key);
    }
    return found;
  }

  /// An op of the family, appended to the graph of a probe.
  @FunctionalInterface
  public interface Mixer {
    /// Appends it; `offsets` is null where sequences are not packed.
    GatedLinearAttention.Result apply(
        OpProbe probe, Tensor q, Tensor k, Tensor v, Tensor h0, @Nullable Tensor offsets);
  }

  /// Outputs and gradients by gated linear attention.
  Map<String, float[]> run(Trial trial) {
    return run(
        trial,
        (probe, q, k, v, h0, cu) -> {
          Tensor g = probe.input("g", q.shape(), floats(input("g")));
          return GlaOp.apply(probe.graph(), q, k, v, g, SCALE, h0, cu);
        });
  }

  /// Outputs and gradients by an op of the family.
  public Map<String, float[]> run(Trial trial, Mixer mixer) {
    OpProbe probe = trial.probe();
    int batch = packed ? 1 : sequences();
    int length = offsets[sequences()] / batch;
    Shape keys = Shape.of(batch, length, heads, keySize);
    Shape values = Shape.of(batch, length, heads, valueSize);
    var result =
        mixer.apply(
            probe,
            probe.input("q", keys, floats(input("q"))),
            probe.input("k", keys, floats(input("k"))),
            probe.input("v", values, floats(input("v"))),
            probe.input(
                "h0", Shape.of(sequences(), heads, keySize, valueSize), floats(input("h0"))),
            packed ? probe.integers("offsets", Shape.of(offsets.length), offsets) : null);
    Map<String, float[]> seeds = new LinkedHashMap<>();
    cotangents.forEach((output, seed) -> seeds.put(output, floats(seed)));
    return probe.run(Map.of("o", result.output(), "ht", result.finalState()), seeds);
  }

  /// Fails unless outputs and gradients by an op of the family are those of `expected`.
  public static void assertClose(Map<String, double[]> expected, Map<String, float[]> results) {
    expected.forEach((name, values) ->
        OpCheck.assertClose(
            name,
            values,
            Optional.ofNullable(results.get(name)).orElseThrow(),
            name.startsWith(OpProbe.GRADIENT) ? OpCheck.GRADIENT : OpCheck.OUTPUT));
  }

  /// Outputs and gradients by the reference.
  public Map<String, double[]> expected() {
    double[] o = new double[input("v").length];
    double[] ht = new double[input("h0").length];
    GlaReference.forward(
        input("q"),
        input("k"),
        input("v"),
        input("g"),
        input("h0"),
        offsets,
        o,
        ht,
        SCALE,
        heads,
        keySize,
        valueSize);
    double[] dQ = new double[input("q").length];
    double[] dK = new double[dQ.length];
    double[] dG = new double[dQ.length];
    double[] dV = new double[o.length];
    double[] dH0 = new double[ht.length];
    GlaReference.backward(
        input("q"),
        input("k"),
        input("v"),
        input("g"),
        input("h0"),
        offsets,
        orZero(cotangents.get("o"), o.length),
        orZero(cotangents.get("ht"), ht.length),
        dQ,
        dK,
        dV,
        dG,
        dH0,
        SCALE,
        heads,
        keySize,
        valueSize);
    Map<String, double[]> all = new LinkedHashMap<>();
    all.put("o", o);
    all.put("ht", ht);
    all.put(OpProbe.GRADIENT + "q", dQ);
    all.put(OpProbe.GRADIENT + "k", dK);
    all.put(OpProbe.GRADIENT + "v", dV);
    all.put(OpProbe.GRADIENT + "g", dG);
    all.put(OpProbe.GRADIENT + "h0", dH0);
    return all;
  }

  private static double[] orZero(double @Nullable [] values, int length) {
    return values == null ? new double[length] : values;
  }

  /// Sequence `n` as a case of its own.
  GlaCase alone(int n) {
    Map<String, double[]> in = new LinkedHashMap<>();
    inputs.forEach((key, values) -> in.put(key, cut(key, values, n)));
    Map<String, double[]> cot = new LinkedHashMap<>();
    cotangents.forEach((key, values) -> cot.put(key, cut(key, values, n)));
    return new GlaCase(name, new int[] {0, length(n)}, false, heads, keySize, valueSize, in, cot);
  }

  private double[] cut(String key, double[] values, int n) {
    return Arrays.copyOfRange(values, from(key, n), from(key, n) + size(key, n));
  }

  /// What of a packed result belongs to sequence `n`.
  float[] part(String key, float[] values, int n) {
    String plain = key.replace(OpProbe.GRADIENT, "");
    return Arrays.copyOfRange(values, from(plain, n), from(plain, n) + size(plain, n));
  }

  private int from(String key, int n) {
    return key.startsWith("h") ? n * width(key) : offsets[n] * width(key);
  }

  private int size(String key, int n) {
    return key.startsWith("h") ? width(key) : length(n) * width(key);
  }

  private int width(String key) {
    return switch (key) {
      case "q", "k", "g" -> heads * keySize;
      case "v", "o" -> heads * valueSize;
      default -> heads * keySize * valueSize;
    };
  }

  /// In single precision.
  public static float[] floats(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  @Override
  public String toString() {
    return name;
  }
}
