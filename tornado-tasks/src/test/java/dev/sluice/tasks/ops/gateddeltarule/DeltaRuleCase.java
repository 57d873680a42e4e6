package dev.sluice.tasks.ops.gateddeltarule;

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

/// Numbers for the delta rules: sizes, inputs and cotangents by name.
///
/// @param name what is special about it
/// @param offsets where the sequences begin and end
/// @param packed whether they are given to the op as packed
/// @param keyHeads key heads
/// @param valueHeads value heads
/// @param keySize keys of a head
/// @param valueSize values of a head
/// @param norm of the rows of q and k
/// @param inputs q, k, v, g where there is a gate, beta, h0 where there is an initial state
/// @param cotangents of o and ht, or of one of them
public record DeltaRuleCase(
    String name,
    int[] offsets,
    boolean packed,
    int keyHeads,
    int valueHeads,
    int keySize,
    int valueSize,
    QkNorm norm,
    Map<String, double[]> inputs,
    Map<String, double[]> cotangents) {

  /// Shapes and numbers at which implementations differ.
  public static Stream<DeltaRuleCase> all() {
    DeltaRuleCase usual = of("usual", 2, 70, 2, 2, 16, 16);
    return Stream.concat(withoutNorm(usual), withNorm(usual));
  }

  private static Stream<DeltaRuleCase> withoutNorm(DeltaRuleCase usual) {
    return Stream.of(
        usual,
        of("odd", 2, 63, 1, 1, 60, 20),
        of("one token", 2, 1, 2, 2, 16, 32),
        of("one short of a small chunk", 1, 15, 1, 2, 17, 9),
        of("one more than a small chunk", 1, 17, 1, 1, 24, 40),
        of("a chunk", 1, 64, 1, 1, 20, 33),
        of("one more than a chunk", 1, 65, 2, 2, 24, 5),
        of("several chunks, shared keys", 1, 200, 1, 2, 64, 64),
        of("wide", 1, 20, 1, 1, 130, 100),
        packed("packed", new int[] {0, 0, 7, 40, 40, 41, 105, 105}, 2, 4, 16, 24),
        usual.filled("g", 0),
        usual.filled("g", -30),
        usual.filled("g", -30, 0, -1e-3),
        usual.filled("beta", 0),
        usual.filled("beta", 1),
        usual.filled("beta", 2, 0, 1),
        usual.without("h0"),
        usual.scaled("h0", 1e4),
        usual.onlyGradientOf("o"),
        usual.onlyGradientOf("ht"));
  }

  private static Stream<DeltaRuleCase> withNorm(DeltaRuleCase usual) {
    return Stream.of(
            usual,
            of("odd", 2, 63, 1, 1, 60, 20),
            of("one token", 2, 1, 2, 2, 16, 32),
            of("several chunks, shared keys", 1, 200, 1, 2, 64, 64),
            of("wide", 1, 20, 1, 2, 130, 100),
            packed("packed", new int[] {0, 0, 7, 40, 40, 41, 105, 105}, 2, 4, 16, 24),
            usual.scaled("q", 1e6).scaled("k", 1e-2),
            usual.scaled("q", 1e-5).scaled("k", 1e10),
            usual.filled("q", 0),
            usual.filled("k", 0),
            usual.withZeroRows("q", 3).withZeroRows("k", 5),
            usual.without("h0"),
            usual.onlyGradientOf("ht"))
        .map(DeltaRuleCase::normalized);
  }

  /// `batch` sequences of `length` tokens, gates around −0.3 and β between 0 and 2.
  public static DeltaRuleCase of(
      String name, int batch, int length, int keyHeads, int valueHeads, int keys, int values) {
    int[] offsets = new int[batch + 1];
    Arrays.setAll(offsets, n -> n * length);
    return random(name, offsets, false, keyHeads, valueHeads, keys, values);
  }

  /// Packed sequences.
  public static DeltaRuleCase packed(
      String name, int[] offsets, int keyHeads, int valueHeads, int keys, int values) {
    return random(name, offsets, true, keyHeads, valueHeads, keys, values);
  }

  private static DeltaRuleCase random(
      String name,
      int[] offsets,
      boolean packed,
      int keyHeads,
      int valueHeads,
      int keys,
      int values) {
    long seed = name.hashCode();
    int rows = offsets[offsets.length - 1];
    int states = (offsets.length - 1) * valueHeads * keys * values;
    Map<String, double[]> inputs = new LinkedHashMap<>();
    inputs.put("q", doubles(normal(seed, rows * keyHeads * keys)));
    inputs.put("k", unit(normal(seed + 1, rows * keyHeads * keys), keys));
    inputs.put("v", doubles(normal(seed + 2, rows * valueHeads * values)));
    inputs.put("g", mapped(normal(seed + 3, rows * valueHeads), x -> -0.3 * Math.abs(x)));
    inputs.put("beta", mapped(normal(seed + 4, rows * valueHeads), x -> 1 + Math.tanh(x)));
    inputs.put("h0", doubles(normal(seed + 5, states)));
    Map<String, double[]> cotangents = new LinkedHashMap<>();
    cotangents.put("o", doubles(normal(seed + 6, rows * valueHeads * values)));
    cotangents.put("ht", doubles(normal(seed + 7, states)));
    return new DeltaRuleCase(
        name, offsets, packed, keyHeads, valueHeads, keys, values, QkNorm.NONE, inputs, cotangents);
  }

  private static double[] mapped(float[] noise, java.util.function.DoubleUnaryOperator map) {
    return Arrays.stream(doubles(noise)).map(x -> (float) map.applyAsDouble(x)).toArray();
  }

  private static double[] unit(float[] rows, int size) {
    double[] unit = new double[rows.length];
    for (int at = 0; at < rows.length; at += size) {
      double square = 0;
      for (int i = at; i < at + size; i++) {
        square += (double) rows[i] * rows[i];
      }
      for (int i = at; i < at + size; i++) {
        unit[i] = (float) (rows[i] / Math.sqrt(square));
      }
    }
    return unit;
  }

  /// The same with every element of an input replaced.
  DeltaRuleCase filled(String input, double... values) {
    double[] filled = new double[input(input).length];
    Arrays.setAll(filled, i -> values[i % values.length]);
    return with(input, filled).named(name + ", " + input + " " + Arrays.toString(values));
  }

  /// The same with an input multiplied.
  DeltaRuleCase scaled(String input, double factor) {
    double[] scaled = Arrays.stream(input(input)).map(x -> (float) (x * factor)).toArray();
    return with(input, scaled).named(name + ", " + input + " times " + factor);
  }

  /// The same with every so many rows of `q` or `k` zero.
  DeltaRuleCase withZeroRows(String input, int every) {
    double[] some = input(input).clone();
    for (int at = 0; at < some.length; at += every * keySize) {
      Arrays.fill(some, at, at + keySize, 0);
    }
    return with(input, some).named(name + ", rows of " + input + " zero");
  }

  /// The same with `q` and `k` divided by their length.
  DeltaRuleCase normalized() {
    return new DeltaRuleCase(
        name + ", normalized",
        offsets,
        packed,
        keyHeads,
        valueHeads,
        keySize,
        valueSize,
        QkNorm.L2,
        inputs,
        cotangents);
  }

  private DeltaRuleCase named(String other) {
    return new DeltaRuleCase(
        other, offsets, packed, keyHeads, valueHeads, keySize, valueSize, norm, inputs, cotangents);
  }

  /// The same with another input.
  public DeltaRuleCase with(String input, double[] values) {
    Map<String, double[]> changed = new LinkedHashMap<>(inputs);
    changed.put(input, values);
    return copy(changed, cotangents);
  }

  /// The same without the gate or the initial state.
  public DeltaRuleCase without(String input) {
    Map<String, double[]> fewer = new LinkedHashMap<>(inputs);
    fewer.remove(input);
    return copy(fewer, cotangents).named(name + ", no " + input);
  }

  /// The same with a gradient of one output only.
  DeltaRuleCase onlyGradientOf(String output) {
    double[] only = cotangents.getOrDefault(output, new double[0]);
    return copy(inputs, Map.of(output, only)).named(name + ", gradient of " + output + " only");
  }

  private DeltaRuleCase copy(Map<String, double[]> in, Map<String, double[]> cot) {
    return new DeltaRuleCase(
        name, offsets, packed, keyHeads, valueHeads, keySize, valueSize, norm, in, cot);
  }

  int sequences() {
    return offsets.length - 1;
  }

  int length(int sequence) {
    return offsets[sequence + 1] - offsets[sequence];
  }

  /// An input, which must be there.
  public double[] input(String input) {
    return Optional.ofNullable(inputs.get(input)).orElseThrow();
  }

  float scale() {
    return (float) (1 / Math.sqrt(keySize));
  }

  /// Outputs and gradients by the op; by the delta rule without a gate.
  public Map<String, float[]> run(Trial trial) {
    OpProbe probe = trial.probe();
    int batch = packed ? 1 : sequences();
    int length = offsets[sequences()] / batch;
    Shape gates = Shape.of(batch, length, valueHeads);
    var result =
        GatedDeltaRuleOp.apply(
            probe.graph(),
            tensor(probe, "q", Shape.of(batch, length, keyHeads, keySize)),
            tensor(probe, "k", Shape.of(batch, length, keyHeads, keySize)),
            tensor(probe, "v", Shape.of(batch, length, valueHeads, valueSize)),
            inputs.containsKey("g") ? tensor(probe, "g", gates) : null,
            tensor(probe, "beta", gates),
            norm,
            scale(),
            inputs.containsKey("h0")
                ? tensor(probe, "h0", Shape.of(sequences(), valueHeads, keySize, valueSize))
                : null,
            packed ? probe.integers("offsets", Shape.of(offsets.length), offsets) : null);
    Map<String, float[]> seeds = new LinkedHashMap<>();
    cotangents.forEach((output, seed) -> seeds.put(output, floats(seed)));
    return probe.run(Map.of("o", result.output(), "ht", result.finalState()), seeds);
  }

  private Tensor tensor(OpProbe probe, String input, Shape shape) {
    return probe.input(input, shape, floats(input(input)));
  }

  /// Fails unless outputs and gradients are those of `expected`.
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
    var in = reference();
    var sizes =
        new GatedDeltaRuleReference.Sizes(keyHeads, valueHeads, keySize, valueSize, scale(), norm);
    var out = GatedDeltaRuleReference.forward(in, sizes);
    var d =
        GatedDeltaRuleReference.backward(
            in,
            sizes,
            orZero(cotangents.get("o"), out.o().length),
            orZero(cotangents.get("ht"), out.last().length));
    Map<String, double[]> all = new LinkedHashMap<>();
    all.put("o", out.o());
    all.put("ht", out.last());
    all.put(OpProbe.GRADIENT + "q", d.dQ());
    all.put(OpProbe.GRADIENT + "k", d.dK());
    all.put(OpProbe.GRADIENT + "v", d.dV());
    all.put(OpProbe.GRADIENT + "beta", d.dBeta());
    if (inputs.containsKey("g")) {
      all.put(OpProbe.GRADIENT + "g", d.dG());
    }
    if (inputs.containsKey("h0")) {
      all.put(OpProbe.GRADIENT + "h0", d.dInitial());
    }
    return all;
  }

  /// As the reference takes it.
  GatedDeltaRuleReference.Inputs reference() {
    return new GatedDeltaRuleReference.Inputs(
        input("q"),
        input("k"),
        input("v"),
        inputs.get("g"),
        input("beta"),
        inputs.get("h0"),
        offsets);
  }

  private static double[] orZero(double @Nullable [] values, int length) {
    return values == null ? new double[length] : values;
  }

  /// Sequence `n` as a case of its own.
  DeltaRuleCase alone(int n) {
    Map<String, double[]> in = new LinkedHashMap<>();
    inputs.forEach(
        (key, values) -> in.put(key, Arrays.copyOfRange(values, from(key, n), to(key, n))));
    Map<String, double[]> cot = new LinkedHashMap<>();
    cotangents.forEach(
        (key, values) -> cot.put(key, Arrays.copyOfRange(values, from(key, n), to(key, n))));
    return new DeltaRuleCase(
        name,
        new int[] {0, length(n)},
        false,
        keyHeads,
        valueHeads,
        keySize,
        valueSize,
        norm,
        in,
        cot);
  }

  /// What of a packed result belongs to sequence `n`.
  float[] part(String key, float[] values, int n) {
    String plain = key.replace(OpProbe.GRADIENT, "");
    return Arrays.copyOfRange(values, from(plain, n), to(plain, n));
  }

  private int from(String key, int n) {
    return (key.startsWith("h") ? n : offsets[n]) * width(key);
  }

  private int to(String key, int n) {
    return (key.startsWith("h") ? n + 1 : offsets[n + 1]) * width(key);
  }

  private int width(String key) {
    return switch (key) {
      case "q", "k" -> keyHeads * keySize;
      case "v", "o" -> valueHeads * valueSize;
      case "g", "beta" -> valueHeads;
      default -> valueHeads * keySize * valueSize;
    };
  }

  private static float[] floats(double[] values) {
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
