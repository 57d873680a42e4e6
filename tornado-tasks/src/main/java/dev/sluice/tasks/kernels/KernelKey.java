package dev.sluice.tasks.kernels;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// What a compiled kernel depends on, as one digest: the code of its method and of all that it may
/// call, its arguments as the compiler sees them, the grid, the compiler itself with its options,
/// and the device.
///
/// The driver's compiler is not part of it: what is kept is the source that it gets.
public final class KernelKey {
  /// Options that no generated code depends on.
  private static final List<String> HARMLESS =
      List.of(
          "tornado.device.memory",
          "tornado.max.events",
          "tornado.tvm.maxbytecodesize",
          "tornado.print",
          "tornado.threadInfo",
          "tornado.load.",
          "tornado.log.",
          "tornado.profiler");

  private final StringBuilder text = new StringBuilder();

  /// Adds a line.
  public KernelKey with(String name, Object value) {
    text.append(name).append(' ').append(value).append('\n');
    return this;
  }

  /// Adds the arguments of a kernel: numbers are constants of the compiled code, and so are the
  /// lengths of arrays; their contents are not.
  ///
  /// @throws IllegalArgumentException if one is of a kind that no kernel here has
  public KernelKey withArguments(List<Object> arguments) {
    for (Object argument : arguments) {
      String type = argument.getClass().getName();
      switch (argument) {
        case Float value -> with(type, Float.floatToRawIntBits(value));
        case Number value -> with(type, value);
        case KernelContext context -> with(type, "");
        case TornadoNativeArray array -> with(type, array.getSize());
        default -> throw new IllegalArgumentException(type);
      }
    }
    return this;
  }

  /// Adds the options of TornadoVM that its code may depend on.
  public KernelKey withOptions() {
    TreeMap<String, String> options = new TreeMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("tornado.") && HARMLESS.stream().noneMatch(name::startsWith)) {
        options.put(name, System.getProperty(name, ""));
      }
    }
    return with("options", options);
  }

  /// The digest.
  public String hash() {
    return digest(text.toString());
  }

  /// SHA-256 of a text, in hexadecimal digits.
  static String digest(String text) {
    return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
