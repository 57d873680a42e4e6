package dev.sluice.tornado;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The class files that the modules were compiled to.
final class ClassFiles {

  private ClassFiles() {}

  /// @param module a module's folder
  /// @return its classes; none if it is not compiled
  static List<ClassModel> of(String module) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve("tornado-embedded"))) {
      root = root.getParent();
    }
    Path classes = root.resolve(module).resolve("target").resolve("classes");
    if (!Files.isDirectory(classes)) {
      return List.of();
    }
    try (var files = Files.walk(classes)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .map(ClassFiles::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param type a class on the class path
  /// @return its class file
  static ClassModel of(Class<?> type) {
    String name = type.getName();
    try (var in = type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
      if (in == null) {
        throw new IllegalArgumentException("No class file of " + name);
      }
      return ClassFile.of().parse(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClassModel parse(Path file) {
    try {
      return ClassFile.of().parse(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @return the class's name, with dots
  static String name(ClassModel model) {
    return model.thisClass().asInternalName().replace('/', '.');
  }
}
