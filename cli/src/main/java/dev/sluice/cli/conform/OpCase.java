package dev.sluice.cli.conform;

import dev.sluice.checkpoint.ElementType;
import dev.sluice.checkpoint.TensorInfo;
import dev.sluice.checkpoint.TensorSource;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One case of an op file: its inputs as tensors of a probe, in our layout.
///
/// The keys of a file are `CASE/in/NAME`, `CASE/out/NAME`, `CASE/cot/NAME` (cotangent of that
/// output) and `CASE/grad/NAME` (gradient of `sum(out · cot)` with respect to that input).
final class OpCase {
  private static final String IN = "/in/";
  private static final String OUT = "/out/";
  private static final String COTANGENT = "/cot/";
  private static final String GRADIENT = "/grad/";
  private static final String OFFSETS = "cu_seqlens";

  private final TensorSource source;
  private final String name;
  private final OpFormat format;
  private final OpProbe probe;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Set<String> unused = new LinkedHashSet<>();

  /// Reads the inputs.
  OpCase(TensorSource source, String name, OpFormat format, OpProbe probe) {
    this.source = source;
    this.name = name;
    this.format = format;
    this.probe = probe;
    for (String input : names(IN)) {
      String key = name + IN + input;
      Shape shape = shape(source.info(key), input);
      inputs.put(
          input,
          input.equals(OFFSETS)
              ? probe.integers(input, shape, integers(key))
              : probe.input(input, shape, floats(key, input)));
    }
    unused.addAll(inputs.keySet());
  }

  /// The cases of a file: whatever has an input, or a result that should have one.
  static SortedSet<String> names(TensorSource source) {
    SortedSet<String> cases = new TreeSet<>();
    for (TensorInfo info : source.tensors()) {
      for (String part : new String[] {IN, OUT, COTANGENT, GRADIENT}) {
        int end = info.name().indexOf(part);
        if (end > 0) {
          cases.add(info.name().substring(0, end));
        }
      }
    }
    return cases;
  }

  Graph graph() {
    return probe.graph();
  }

  /// An input that the op cannot do without.
  Tensor get(String input) {
    Tensor tensor = find(input);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "%s: case %s lacks its input '%s'".formatted(source.path(), name, input));
    }
    return tensor;
  }

  /// An input, or null if the case has none of that name.
  @Nullable Tensor find(String input) {
    unused.remove(input);
    return inputs.get(input);
  }

  /// An input under the first of its names that the case has.
  Tensor any(String... names) {
    Tensor tensor = findAny(names);
    return tensor == null ? get(names[0]) : tensor;
  }

  /// As [#any], or null if the case has none of them.
  @Nullable Tensor findAny(String... names) {
    for (String candidate : names) {
      Tensor tensor = find(candidate);
      if (tensor != null) {
        return tensor;
      }
    }
    return null;
  }

  /// Offsets of packed sequences, or null.
  @Nullable Tensor offsets() {
    return find(OFFSETS);
  }

  /// An input that the case leaves out, all zero.
  Tensor zeros(String input, Shape shape) {
    return probe.constant(input, shape, new float[shape.size()]);
  }

  /// Runs the op: outputs, and gradients under [OpProbe#GRADIENT] + the input's name.
  ///
  /// @throws UnknownKindException if the case has an input that the op does not take
  Map<String, float[]> run() {
    Map<String, Tensor> outputs = format.apply(this);
    if (!unused.isEmpty()) {
      throw new UnknownKindException(
          "%s: case %s has inputs that the op does not take: %s"
              .formatted(source.path(), name, String.join(", ", unused)));
    }
    Map<String, float[]> cotangents = new LinkedHashMap<>();
    for (String output : names(COTANGENT)) {
      cotangents.put(output, floats(name + COTANGENT + output, output));
    }
    return probe.run(outputs, cotangents);
  }

  /// What the file expects, under the names of [#run].
  Map<String, float[]> expected() {
    Map<String, float[]> expected = new LinkedHashMap<>();
    for (String output : names(OUT)) {
      expected.put(output, floats(name + OUT + output, output));
    }
    for (String input : names(GRADIENT)) {
      expected.put(OpProbe.GRADIENT + input, floats(name + GRADIENT + input, input));
    }
    return expected;
  }

  private SortedSet<String> names(String part) {
    SortedSet<String> names = new TreeSet<>();
    for (TensorInfo info : source.tensors()) {
      if (info.name().startsWith(name + part)) {
        names.add(info.name().substring((name + part).length()));
      }
    }
    return names;
  }

  private Shape shape(TensorInfo info, String tensor) {
    int[] extents = info.shape().stream().mapToInt(Math::toIntExact).toArray();
    return Shape.of(moves(extents, tensor) ? lastMoved(extents) : extents);
  }

  private float[] floats(String key, String tensor) {
    int[] extents = source.info(key).shape().stream().mapToInt(Math::toIntExact).toArray();
    float[] values = source.floats(key);
    return moves(extents, tensor) ? channelsLast(values, extents) : values;
  }

  /// Whole numbers, of whatever type: files have float32 for everything else.
  private int[] integers(String key) {
    if (source.info(key).type().kind() != ElementType.Kind.FLOATING) {
      return source.ints(key);
    }
    float[] values = source.floats(key);
    int[] whole = new int[values.length];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = Math.round(values[i]);
      if (whole[i] != values[i]) {
        throw new IllegalArgumentException(
            "%s: %s holds %s, not whole numbers".formatted(source.path(), key, values[i]));
      }
    }
    return whole;
  }

  private boolean moves(int[] extents, String tensor) {
    return extents.length > 2 && format.channelsFirst().contains(tensor);
  }

  private static int[] lastMoved(int[] extents) {
    int[] moved = new int[extents.length];
    moved[0] = extents[0];
    System.arraycopy(extents, 2, moved, 1, extents.length - 2);
    moved[extents.length - 1] = extents[1];
    return moved;
  }

  /// `[B, C, …]` as `[B, …, C]`.
  static float[] channelsLast(float[] values, int[] extents) {
    int batch = extents[0];
    int channels = extents[1];
    int inner = batch * channels == 0 ? 0 : values.length / (batch * channels);
    float[] moved = new float[values.length];
    for (int b = 0; b < batch; b++) {
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < inner; i++) {
          moved[(b * inner + i) * channels + c] = values[(b * channels + c) * inner + i];
        }
      }
    }
    return moved;
  }
}
