package dev.sluice.cli.conform;

import dev.sluice.checkpoint.ElementType;
import dev.sluice.checkpoint.SafetensorsWriter;
import dev.sluice.checkpoint.TensorInfo;
import dev.sluice.tasks.ops.hgrn.HgrnReference;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Writes op files, with numbers of the references.
final class OpFiles {
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final List<TensorInfo> infos = new ArrayList<>();
  private final Map<String, int[]> integers = new LinkedHashMap<>();

  /// HGRN over the packed sequences 0…3, 3…3 and 3…7.
  static OpFiles packedHgrn() {
    int[] offsets = {0, 3, 3, 7};
    int rows = 7;
    int columns = 5;
    int sequences = offsets.length - 1;
    double[] x = normal(1, rows * columns);
    double[] g = Arrays.stream(normal(2, rows * columns)).map(v -> -Math.abs(v)).toArray();
    double[] h0 = normal(3, sequences * columns);
    double[] dO = normal(4, rows * columns);
    double[] dHt = normal(5, sequences * columns);
    double[] o = new double[x.length];
    double[] ht = new double[h0.length];
    HgrnReference.forward(x, g, h0, offsets, o, ht, sequences, columns);
    double[] dX = new double[x.length];
    double[] dG = new double[x.length];
    double[] dH0 = new double[h0.length];
    HgrnReference.backward(g, h0, o, offsets, dO, dHt, dX, dG, dH0, sequences, columns);
    return new OpFiles()
        .add("packed/in/x", x, 1, rows, columns)
        .add("packed/in/g", g, 1, rows, columns)
        .add("packed/in/h0", h0, sequences, columns)
        .add("packed/in/cu_seqlens", offsets)
        .add("packed/out/o", o, 1, rows, columns)
        .add("packed/out/ht", ht, sequences, columns)
        .add("packed/cot/o", dO, 1, rows, columns)
        .add("packed/cot/ht", dHt, sequences, columns)
        .add("packed/grad/x", dX, 1, rows, columns)
        .add("packed/grad/g", dG, 1, rows, columns)
        .add("packed/grad/h0", dH0, sequences, columns);
  }

  /// HGRN without an initial state, and without cotangents.
  static OpFiles forwardHgrn() {
    int rows = 4;
    int columns = 3;
    double[] x = normal(6, rows * columns);
    double[] g = Arrays.stream(normal(7, rows * columns)).map(v -> -Math.abs(v)).toArray();
    double[] o = new double[x.length];
    double[] ht = new double[columns];
    HgrnReference.forward(x, g, new double[columns], new int[] {0, rows}, o, ht, 1, columns);
    return new OpFiles()
        .add("forward/in/x", x, 1, rows, columns)
        .add("forward/in/g", g, 1, rows, columns)
        .add("forward/out/o", o, 1, rows, columns);
  }

  /// HGRN of zeros: a reference that is zero.
  static OpFiles zeroHgrn(double expected) {
    double[] out = new double[6];
    Arrays.fill(out, expected);
    return new OpFiles()
        .add("zero/in/x", new double[6], 1, 2, 3)
        .add("zero/in/g", new double[6], 1, 2, 3)
        .add("zero/out/o", out, 1, 2, 3);
  }

  /// The selective scan without gate and bias, in the layout of the files.
  static OpFiles selectiveScan() {
    int rows = 6;
    int columns = 3;
    int states = 2;
    double[] a = Arrays.stream(normal(13, columns * states)).map(v -> -Math.abs(v)).toArray();
    var in =
        new SelectiveScanReference.Inputs(
            normal(11, rows * columns),
            normal(12, rows * columns),
            a,
            normal(14, rows * states),
            normal(15, rows * states),
            normal(16, columns),
            null,
            null,
            new double[columns * states]);
    int[] offsets = {0, rows};
    double[] ht = new double[columns * states];
    double[] y = SelectiveScanReference.forward(in, offsets, ht, columns, states);
    double[] dY = normal(17, rows * columns);
    var grad =
        SelectiveScanReference.backward(in, offsets, dY, new double[ht.length], columns, states);
    return new OpFiles()
        .addTransposed("scan/in/u", in.u(), rows, columns)
        .addTransposed("scan/in/delta", in.delta(), rows, columns)
        .add("scan/in/A", a, columns, states)
        .addTransposed("scan/in/B", in.b(), rows, states)
        .addTransposed("scan/in/C", in.c(), rows, states)
        .add("scan/in/D", in.skip(), columns)
        .addTransposed("scan/out/y", y, rows, columns)
        .addTransposed("scan/cot/y", dY, rows, columns)
        .addTransposed("scan/grad/u", grad.u(), rows, columns)
        .addTransposed("scan/grad/delta", grad.delta(), rows, columns)
        .add("scan/grad/A", grad.a(), columns, states)
        .addTransposed("scan/grad/C", grad.c(), rows, states)
        .add("scan/grad/D", grad.skip(), columns);
  }

  OpFiles add(String key, double[] numbers, long... shape) {
    infos.add(TensorInfo.of(key, ElementType.F32, shape));
    values.put(key, floats(numbers));
    return this;
  }

  OpFiles add(String key, int[] numbers) {
    infos.add(TensorInfo.of(key, ElementType.I64, numbers.length));
    integers.put(key, numbers);
    return this;
  }

  /// `[rows, columns]`, written as `[1, columns, rows]`.
  private OpFiles addTransposed(String key, double[] numbers, int rows, int columns) {
    double[] moved = new double[numbers.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        moved[c * rows + r] = numbers[r * columns + c];
      }
    }
    return add(key, moved, 1, columns, rows);
  }

  OpFiles without(String key) {
    infos.removeIf(info -> info.name().equals(key));
    integers.remove(key);
    return this;
  }

  /// Changes one number.
  OpFiles with(String key, int index, float value) {
    values.get(key)[index] = value;
    return this;
  }

  /// Adds another file's cases.
  OpFiles and(OpFiles other) {
    infos.addAll(other.infos);
    values.putAll(other.values);
    integers.putAll(other.integers);
    return this;
  }

  Path write(Path folder, String op) {
    Path path = folder.resolve(op + ".safetensors");
    try (var writer = SafetensorsWriter.create(path, Map.of("op", op), infos)) {
      for (TensorInfo info : infos) {
        if (integers.containsKey(info.name())) {
          writer.write(info.name(), integers.get(info.name()), 0);
        } else {
          writer.write(info.name(), values.get(info.name()), 0);
        }
      }
      writer.finish();
    }
    return path;
  }

  private static double[] normal(long seed, int count) {
    Random random = new Random(seed);
    double[] numbers = new double[count];
    // Whole floats, so that the file holds what the reference saw.
    Arrays.setAll(numbers, i -> (float) random.nextGaussian());
    return numbers;
  }

  private static float[] floats(double[] numbers) {
    float[] narrow = new float[numbers.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) numbers[i];
    }
    return narrow;
  }
}
