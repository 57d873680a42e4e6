package dev.sluice.tornado;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The public members of TornadoVM 5.2.0's API, from a list among the test resources.
final class TornadoMembers {

  /// The prefix of the API's class names.
  static final String API = "uk.ac.manchester.tornado.api.";

  private static final String LIST = "tornado-api-5.2.0.txt";

  private final Map<String, Set<String>> members = new HashMap<>();
  private final Set<String> statics = new HashSet<>();

  private TornadoMembers() {}

  static TornadoMembers read() {
    TornadoMembers result = new TornadoMembers();
    var in = Objects.requireNonNull(TornadoMembers.class.getResourceAsStream(LIST), LIST);
    try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      reader.lines().filter(line -> !line.startsWith("#")).forEach(result::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return result;
  }

  private void add(String line) {
    String[] words = line.split(" ");
    Set<String> own = members.computeIfAbsent(words[0], key -> new HashSet<>());
    if (words.length > 1) {
      String member = words[words.length - 2] + " " + words[words.length - 1];
      own.add(member);
      if (words[1].equals("static")) {
        statics.add(words[0] + " " + member);
      }
    }
  }

  /// @param owner a class of the API, with dots
  /// @return whether TornadoVM has it
  boolean hasClass(String owner) {
    return members.containsKey(owner);
  }

  /// @param owner a class of the API, with dots
  /// @param name a method's or field's name
  /// @param descriptor its descriptor
  /// @return whether the class or one of its supertypes has the member
  boolean has(String owner, String name, String descriptor) {
    return declaring(owner, name + " " + descriptor) != null;
  }

  /// @return whether TornadoVM's member is static
  boolean isStatic(String owner, String name, String descriptor) {
    String member = name + " " + descriptor;
    return statics.contains(declaring(owner, member) + " " + member);
  }

  private @Nullable String declaring(String owner, String member) {
    for (String type : withSupertypes(owner)) {
      if (members.getOrDefault(type, Set.of()).contains(member)) {
        return type;
      }
    }
    return null;
  }

  /// The class and its supertypes in the embedded runtime, which are those of TornadoVM for the
  /// classes of the list.
  private static List<String> withSupertypes(String owner) {
    List<String> types = new ArrayList<>();
    try {
      collect(Class.forName(owner, false, TornadoMembers.class.getClassLoader()), types);
    } catch (ClassNotFoundException e) {
      types.add(owner);
    }
    return types;
  }

  private static void collect(Class<?> type, List<String> into) {
    into.add(type.getName());
    if (type.getSuperclass() != null) {
      collect(type.getSuperclass(), into);
    }
    for (Class<?> implemented : type.getInterfaces()) {
      collect(implemented, into);
    }
  }
}
