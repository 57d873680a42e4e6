package dev.sluice.tasks.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A digest of the class files that a kernel may be made of: that of its class and of all classes
/// named in them, and so on, but for those of the platform and of TornadoVM.
public final class CodeDigest {
  private static final List<String> OTHERS =
      List.of("java/", "javax/", "jdk/", "uk/ac/manchester/tornado/");

  /// A class file: the digest of its bytes, and the classes that it names.
  private record Code(String digest, List<String> names) {}

  private final ClassLoader loader;
  private final Map<String, @Nullable Code> known = new HashMap<>();

  /// @param loader where the class files are
  public CodeDigest(ClassLoader loader) {
    this.loader = loader;
  }

  /// The digest for the kernels of `owner`.
  ///
  /// @param owner a class's name, with dots
  /// @throws IllegalArgumentException if its class file is not there
  public String of(String owner) {
    String first = owner.replace('.', '/');
    TreeMap<String, String> reached = new TreeMap<>();
    Deque<String> open = new ArrayDeque<>(List.of(first));
    while (!open.isEmpty()) {
      String name = open.pop();
      Code code = reached.containsKey(name) ? null : known.computeIfAbsent(name, this::read);
      if (code != null) {
        reached.put(name, code.digest());
        open.addAll(code.names());
      }
    }
    if (reached.isEmpty()) {
      throw new IllegalArgumentException("no class file of " + owner);
    }
    return KernelKey.digest(reached.toString());
  }

  private @Nullable Code read(String name) {
    try (InputStream in = loader.getResourceAsStream(name + ".class")) {
      if (in == null) {
        return null;
      }
      byte[] bytes = in.readAllBytes();
      List<String> names = new ArrayList<>();
      for (PoolEntry entry : ClassFile.of().parse(bytes).constantPool()) {
        if (entry instanceof ClassEntry type && isOurs(type.asInternalName())) {
          names.add(type.asInternalName());
        }
      }
      MessageDigest digest = KernelKey.sha256();
      return new Code(HexFormat.of().formatHex(digest.digest(bytes)), List.copyOf(names));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the class file of " + name, e);
    }
  }

  private static boolean isOurs(String name) {
    return !name.startsWith("[") && OTHERS.stream().noneMatch(name::startsWith);
  }
}
