package dev.sluice.checkpoint;

import dev.sluice.tasks.names.NearestName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A JSON object that was read, with the line of every key. Its errors name file, line and key:
/// `config.json:7: num_heads: "four" where an integer is needed`.
///
/// Getters take the key and, where it may be absent, the value that then holds; a key with the
/// value `null` counts as absent.
public final class JsonObject {
  private final String source;
  private final String prefix;
  private final SequencedMap<String, Member> members;

  /// A value and the line of its key. The value is null, String, Boolean, Long, BigInteger, Double,
  /// List of these or JsonObject.
  record Member(@Nullable Object value, int line) {}

  JsonObject(String source, String prefix, SequencedMap<String, Member> members) {
    this.source = source;
    this.prefix = prefix;
    this.members = members;
  }

  /// An object made from values that JSON has, as if it had been read.
  ///
  /// @param source names it in messages
  public static JsonObject of(String source, SequencedMap<String, ?> content) {
    return JsonFiles.parse(source, JsonFiles.text(content));
  }

  /// What was read, for messages.
  public String source() {
    return source;
  }

  /// The keys, in file order.
  public SequencedSet<String> keys() {
    return Collections.unmodifiableSequencedSet(members.sequencedKeySet());
  }

  /// Whether the key is there and its value is not `null`.
  public boolean has(String key) {
    return value(key) != null;
  }

  /// The value as it was read: `String`, `Boolean`, `Long`, `BigInteger`, `Double`, a list of
  /// these, a [JsonObject], or null if it is `null` or absent.
  public @Nullable Object value(String key) {
    Member member = members.get(key);
    return member == null ? null : member.value();
  }

  /// A string.
  public String text(String key) {
    return required(key, "a string", JsonObject::toText);
  }

  /// A string, or `absent` if there is none.
  public String text(String key, String absent) {
    return has(key) ? text(key) : absent;
  }

  /// A 32-bit integer.
  public int integer(String key) {
    return required(key, "an integer", JsonObject::toInteger);
  }

  /// A 32-bit integer, or `absent` if there is none.
  public int integer(String key, int absent) {
    return has(key) ? integer(key) : absent;
  }

  /// A 64-bit integer.
  public long longInteger(String key) {
    return required(key, "an integer", value -> value instanceof Long number ? number : null);
  }

  /// A 64-bit integer, or `absent` if there is none.
  public long longInteger(String key, long absent) {
    return has(key) ? longInteger(key) : absent;
  }

  /// A number.
  public double number(String key) {
    return required(key, "a number", JsonObject::toNumber);
  }

  /// A number, or `absent` if there is none.
  public double number(String key, double absent) {
    return has(key) ? number(key) : absent;
  }

  /// True or false.
  public boolean flag(String key) {
    return required(key, "true or false", value -> value instanceof Boolean flag ? flag : null);
  }

  /// True or false, or `absent` if there is none.
  public boolean flag(String key, boolean absent) {
    return has(key) ? flag(key) : absent;
  }

  /// A list of integers.
  public List<Integer> integers(String key) {
    return required(key, "a list of integers", value -> list(value, JsonObject::toInteger));
  }

  /// A list of numbers.
  public List<Double> numbers(String key) {
    return required(key, "a list of numbers", value -> list(value, JsonObject::toNumber));
  }

  /// A list of strings.
  public List<String> texts(String key) {
    return required(key, "a list of strings", value -> list(value, JsonObject::toText));
  }

  /// An object.
  public JsonObject object(String key) {
    return required(key, "an object", value -> value instanceof JsonObject object ? object : null);
  }

  /// Refuses keys that nobody reads.
  ///
  /// @throws CheckpointException if there is a key that is not in `known`; it names the nearest
  public void refuseUnknown(Collection<String> known) {
    for (String key : members.keySet()) {
      if (!known.contains(key)) {
        throw error(key, "unknown key" + NearestName.hint(key, known));
      }
    }
  }

  /// An error about a key for the caller to throw: `FILE:LINE: KEY: what`.
  ///
  /// @param what what is wrong with the key or its value, and the way out
  public CheckpointException error(String key, String what) {
    Member member = members.get(key);
    String place = member == null ? source : source + ":" + member.line();
    return new CheckpointException("%s: %s%s: %s".formatted(place, prefix, key, what));
  }

  /// The content as plain maps and lists, in file order.
  public SequencedMap<String, @Nullable Object> toMap() {
    SequencedMap<String, @Nullable Object> map = new LinkedHashMap<>();
    members.forEach((key, member) -> map.put(key, plain(member.value())));
    return map;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonObject object && toMap().equals(object.toMap());
  }

  @Override
  public int hashCode() {
    return toMap().hashCode();
  }

  @Override
  public String toString() {
    return JsonFiles.line(toMap());
  }

  private <T> T required(String key, String needed, Function<Object, @Nullable T> convert) {
    Object value = value(key);
    if (value == null) {
      throw error(key, "is missing; give " + needed);
    }
    T converted = convert.apply(value);
    if (converted == null) {
      throw error(key, "%s where %s is needed".formatted(shown(value), needed));
    }
    return converted;
  }

  private static <T> @Nullable List<T> list(Object value, Function<Object, @Nullable T> convert) {
    if (!(value instanceof List<?> elements)) {
      return null;
    }
    List<T> converted = new ArrayList<>();
    for (Object element : elements) {
      T one = element == null ? null : convert.apply(element);
      if (one == null) {
        return null;
      }
      converted.add(one);
    }
    return converted;
  }

  private static @Nullable String toText(Object value) {
    return value instanceof String text ? text : null;
  }

  private static @Nullable Integer toInteger(Object value) {
    return value instanceof Long number && number == number.intValue() ? number.intValue() : null;
  }

  private static @Nullable Double toNumber(Object value) {
    return value instanceof Number number ? number.doubleValue() : null;
  }

  private static String shown(Object value) {
    return switch (value) {
      case String text -> '"' + text + '"';
      case JsonObject _ -> "an object";
      case List<?> _ -> "a list";
      default -> value.toString();
    };
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case JsonObject object -> object.toMap();
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>();
        for (Object element : list) {
          copy.add(plain(element));
        }
        yield copy;
      }
      default -> value;
    };
  }
}
