package dev.sluice.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/// Writing that survives a loss of power, and deleting of whole folders.
final class Durable {
  private Durable() {}

  /// Writes a text and brings it to the disk.
  static void write(Path path, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /// Brings a folder's list of names to the disk. Only POSIX systems open folders; elsewhere there
  /// is nothing to do.
  static void forceFolder(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /// Brings a folder with all files in it to the disk.
  static void forceTree(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      for (Path child : inside.toList()) {
        if (Files.isDirectory(child)) {
          forceTree(child);
        } else {
          try (FileChannel channel = FileChannel.open(child, StandardOpenOption.WRITE)) {
            channel.force(true);
          }
        }
      }
    }
    forceFolder(folder);
  }

  /// Deletes a file or a folder with everything in it, if it is there. Links are not followed.
  static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> inside = Files.list(path)) {
        for (Path child : inside.toList()) {
          delete(child);
        }
      }
    }
    Files.deleteIfExists(path);
  }
}
