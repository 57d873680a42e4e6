package dev.sluice.models;

import dev.sluice.layers.Activation;
import dev.sluice.tasks.names.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads the keys of a model's configuration and refuses what is unknown, of the wrong kind or not
/// implemented. A key with the value `null` counts as absent.
public final class ConfigReader {
  /// What transformers keeps in a configuration and no output of a model depends on. With a
  /// `pad_token_id` flash-linear-attention leaves that row of the embeddings as it is in training;
  /// here rows of all tokens that occur are trained.
  private static final Set<String> BOOKKEEPING =
      Set.of(
          "_name_or_path",
          "architectures",
          "auto_map",
          "bos_token_id",
          "chunk_size_feed_forward",
          "dtype",
          "eos_token_id",
          "id2label",
          "is_encoder_decoder",
          "label2id",
          "model_type",
          "output_attentions",
          "output_hidden_states",
          "pad_token_id",
          "problem_type",
          "return_dict",
          "tokenizer_class",
          "torch_dtype",
          "transformers_version",
          "use_cache");

  private static final Map<String, String> INFINITY = Map.of("__float__", "Infinity");
  private static final int CONVOLUTION = 4;

  /// Steps of the short convolutions.
  static final String CONVOLUTION_SIZE = "conv_size";

  private final String path;
  private final Map<?, ?> values;
  private final Set<String> known = new TreeSet<>();
  private final @Nullable ConfigReader own;

  private ConfigReader(String path, Map<?, ?> values, @Nullable ConfigReader own) {
    this.path = path;
    this.values = values;
    this.own = own;
  }

  /// Reads a `config.json`.
  ///
  /// @param own what is in `sluice.json` beside it; empty if there is none
  static ConfigReader of(Map<String, ?> values, Map<String, ?> own) {
    ConfigReader reader =
        new ConfigReader("config key '", values, new ConfigReader("sluice.json key '", own, null));
    reader.known.addAll(BOOKKEEPING);
    return reader;
  }

  /// Reads the keys that flash-linear-attention does not have, from `sluice.json`.
  public ConfigReader own() {
    return own == null ? this : own;
  }

  /// The object under a key, or an empty one.
  ConfigReader object(String key) {
    Object value = value(key, Map.of());
    if (value instanceof Map<?, ?> map) {
      return nested(key, map);
    }
    throw wrong(key, value, "an object");
  }

  /// The object or the objects under a key; none if it is absent.
  List<ConfigReader> objects(String key) {
    Object value = value(key, List.of());
    List<?> elements = value instanceof List<?> list ? list : List.of(value);
    List<ConfigReader> readers = new ArrayList<>();
    for (Object element : elements) {
      if (!(element instanceof Map<?, ?> map)) {
        throw wrong(key, value, "an object or a list of objects");
      }
      readers.add(nested(key, map));
    }
    return readers;
  }

  private ConfigReader nested(String key, Map<?, ?> map) {
    return new ConfigReader(path + key + ".", map, null);
  }

  /// Refuses the absence of a key.
  void required(String key) {
    if (values.get(key) == null) {
      throw new ModelException("%s%s' is missing".formatted(path, key));
    }
  }

  /// A list of texts; one that is absent is refused.
  List<String> requiredTexts(String key) {
    return elements(key, "texts", e -> e instanceof String text ? text : null);
  }

  /// A list of integers; one that is absent is refused.
  List<Integer> requiredIntegers(String key) {
    return elements(
        key,
        "integers",
        e -> e instanceof Number n && n.doubleValue() == n.intValue() ? n.intValue() : null);
  }

  private <T> List<T> elements(String key, String kind, Function<Object, @Nullable T> convert) {
    required(key);
    Object value = value(key, List.of());
    List<T> converted = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        T one = element == null ? null : convert.apply(element);
        if (one != null) {
          converted.add(one);
        }
      }
      if (converted.size() == list.size()) {
        return converted;
      }
    }
    throw wrong(key, value, "a list of " + kind);
  }

  /// An integer of at least 1, or `absent`.
  ///
  /// @throws ModelException if it is something else
  public int positive(String key, int absent) {
    Object value = value(key, absent);
    if (value instanceof Number number
        && number.doubleValue() == number.intValue()
        && number.intValue() > 0) {
      return number.intValue();
    }
    throw wrong(key, value, "a positive integer");
  }

  /// An integer of at least 1, or null.
  ///
  /// @throws ModelException if it is something else
  public @Nullable Integer optionalPositive(String key) {
    known.add(key);
    return values.get(key) == null ? null : (Integer) positive(key, 1);
  }

  /// Whether a key is there with the value null, for those where that is not the same as absence.
  public boolean isNull(String key) {
    known.add(key);
    return values.containsKey(key) && values.get(key) == null;
  }

  /// A finite number above 0, or `absent`.
  ///
  /// @throws ModelException if it is something else
  public double positiveNumber(String key, double absent) {
    Object value = value(key, absent);
    if (value instanceof Number number
        && number.doubleValue() > 0
        && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    throw wrong(key, value, "a positive number");
  }

  /// An integer of at least 1, or `absent` where there is none or `word` stands for it.
  ///
  /// @throws ModelException if it is something else
  public int positiveOr(String key, String word, int absent) {
    known.add(key);
    return word.equals(values.get(key)) ? absent : positive(key, absent);
  }

  /// A finite number above 0, or null.
  ///
  /// @throws ModelException if it is something else
  public @Nullable Double optionalPositiveNumber(String key) {
    known.add(key);
    return values.get(key) == null ? null : (Double) positiveNumber(key, 1);
  }

  /// A finite number, or null.
  ///
  /// @throws ModelException if it is something else
  public @Nullable Double optionalNumber(String key) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return null;
    }
    if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    throw wrong(key, value, "a number");
  }

  /// A list of two numbers, the second not below the first. Infinity may be written as transformers
  /// does, `{"__float__": "Infinity"}`.
  ///
  /// @throws ModelException if it is something else
  public Range range(String key, Range absent) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return absent;
    }
    if (value instanceof List<?> list && list.size() == 2) {
      double low = number(list.getFirst());
      double high = number(list.getLast());
      if (low <= high) {
        return new Range(low, high);
      }
    }
    throw wrong(key, value, "a list of two numbers in order");
  }

  private static double number(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    return INFINITY.equals(value) ? Double.POSITIVE_INFINITY : Double.NaN;
  }

  /// Numbers from `low` to `high`.
  public record Range(double low, double high) {
    /// As [ConfigReader#range] reads it.
    List<Object> written() {
      return List.of(low, Double.isInfinite(high) ? INFINITY : (Object) high);
    }
  }

  /// An integer or a list of them, or `absent`.
  ///
  /// @throws ModelException if it is something else, or an empty list
  public List<Integer> integers(String key, List<Integer> absent) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return absent;
    }
    List<?> given = value instanceof List<?> list ? list : List.of(value);
    List<Integer> integers = new ArrayList<>();
    for (Object each : given) {
      if (!(each instanceof Number number) || number.doubleValue() != number.intValue()) {
        throw wrong(key, value, "an integer or a list of integers");
      }
      integers.add(number.intValue());
    }
    if (integers.isEmpty()) {
      throw wrong(key, value, "an integer or a list of integers");
    }
    return integers;
  }

  /// True or false, or `absent`.
  ///
  /// @throws ModelException if it is something else
  public boolean flag(String key, boolean absent) {
    Object value = value(key, absent);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, value, "true or false");
  }

  /// A text, or `absent`.
  ///
  /// @throws ModelException if it is something else
  public String text(String key, String absent) {
    Object value = value(key, absent);
    if (value instanceof String text) {
      return text;
    }
    throw wrong(key, value, "a text");
  }

  /// The function of elements with the name under `key`, or the first of `implemented` if there is
  /// none.
  ///
  /// @throws ModelException if it is not one of `implemented`
  public Activation activation(String key, List<Activation> implemented) {
    String name = text(key, implemented.getFirst().id());
    String id = name.equals("swish") ? Activation.SILU.id() : name;
    return implemented.stream()
        .filter(function -> function.id().equals(id))
        .findFirst()
        .orElseThrow(
            () -> wrong(key, name, "one of " + implemented.stream().map(Activation::id).toList()));
  }

  /// `conv_size` if `use_short_conv`, else 0.
  ///
  /// @param absent default of `use_short_conv`
  /// @throws ModelException if they are of the wrong kind
  public int convolution(boolean absent) {
    int steps = positive(CONVOLUTION_SIZE, CONVOLUTION);
    return flag("use_short_conv", absent) ? steps : 0;
  }

  /// Writes what [#convolution] reads.
  public static void writeConvolution(Map<String, Object> keys, int steps) {
    keys.put("use_short_conv", steps > 0);
    keys.put(CONVOLUTION_SIZE, steps > 0 ? steps : CONVOLUTION);
  }

  /// Accepts a key at one of the values that change nothing.
  ///
  /// @throws ModelException if it has another
  public void neutral(String key, @Nullable Object... accepted) {
    known.add(key);
    if (!values.containsKey(key)) {
      return;
    }
    Object value = values.get(key);
    for (Object candidate : accepted) {
      if (same(candidate, value)) {
        return;
      }
    }
    throw new ModelException(
        "%s%s': %s is not implemented; only %s is"
            .formatted(path, key, value, Arrays.toString(accepted)));
  }

  /// Whether two values are equal; numbers are whatever their types are.
  private static boolean same(@Nullable Object a, @Nullable Object b) {
    return (a instanceof Number x && b instanceof Number y)
        ? x.doubleValue() == y.doubleValue()
        : Objects.equals(a, b);
  }

  /// Accepts a key whatever its value: it says how flash-linear-attention computes, not what.
  public void ignored(Collection<String> keys) {
    known.addAll(keys);
  }

  void refuseUnknown() {
    for (Object key : values.keySet()) {
      if (key instanceof String name && !known.contains(name)) {
        throw new ModelException(
            "%s%s' is unknown%s".formatted(path, name, NearestName.hint(name, known)));
      }
    }
  }

  private Object value(String key, Object absent) {
    known.add(key);
    Object value = values.get(key);
    return value == null ? absent : value;
  }

  private ModelException wrong(String key, Object value, String wanted) {
    return new ModelException("%s%s' is %s, not %s".formatted(path, key, value, wanted));
  }
}
