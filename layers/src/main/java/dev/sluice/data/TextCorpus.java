package dev.sluice.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The bytes of files, folders and zip archives, one after the other in path order; the last tenth
/// is held out.
///
/// A folder gives all files below it (links to files too, links to folders not; a link to nothing
/// is an error), a zip archive (recognised by its first bytes) its entries; path order is the order
/// of the whole relative path with `/` between names, as `String` compares. Files of 64 MiB and
/// more are mapped, all else is held in memory, [#heapBytes()].
public final class TextCorpus {
  private static final long MAPPED_FROM = 64L << 20;
  private static final long LEAST_BYTES = 20;

  private final String name;
  private final Bytes bytes;

  private TextCorpus(String name, Bytes bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  /// Reads the inputs.
  ///
  /// @throws DataException if one is missing, unreadable or empty, or all together are less than 20
  ///   bytes or more than the heap can hold
  public static TextCorpus read(List<Path> inputs) {
    if (inputs.isEmpty()) {
      throw new DataException("text: no input is given; give a file, a folder or a zip archive");
    }
    Bytes.Builder builder = new Bytes.Builder();
    for (Path input : inputs.stream().sorted(Comparator.comparing(Path::toString)).toList()) {
      long before = builder.size();
      readInput(input, builder);
      if (builder.size() == before) {
        throw new DataException(
            "%s: holds no bytes; give a file, folder or zip archive with text".formatted(input));
      }
    }
    String name = inputs.size() == 1 ? inputs.getFirst().toString() : inputs.toString();
    if (builder.size() < LEAST_BYTES) {
      throw new DataException(
          "%s: %d bytes are too few to train on and hold out a tenth; give at least %d"
              .formatted(name, builder.size(), LEAST_BYTES));
    }
    return new TextCorpus(name, builder.build());
  }

  /// Number of bytes, both splits.
  public long size() {
    return bytes.size();
  }

  /// Number of bytes that are held in the Java heap.
  public long heapBytes() {
    return bytes.heapBytes();
  }

  /// One split, cut into examples of `length` tokens.
  ///
  /// @throws DataException if `length` is not positive
  public TextDataset dataset(Split split, int length) {
    long heldOut = bytes.size() / 10;
    long cut = bytes.size() - heldOut;
    return switch (split) {
      case TRAINING -> new TextDataset(name, bytes, 0, cut, length);
      case HELD_OUT -> new TextDataset(name, bytes, cut, heldOut, length);
    };
  }

  private static void readInput(Path input, Bytes.Builder builder) {
    Path current = input;
    try {
      if (Files.isDirectory(input)) {
        for (Path file : filesBelow(input)) {
          current = file;
          readFile(file, builder);
        }
      } else if (isZip(input)) {
        readZip(input, builder);
      } else {
        readFile(input, builder);
      }
    } catch (IOException e) {
      throw unreadable(current, e);
    } catch (Bytes.TooLarge e) {
      throw new DataException(
          "%s: is more text than the Java heap of %d MiB holds; raise it with -Xmx, give less, or unpack it into"
                  .formatted(input, Runtime.getRuntime().maxMemory() >> 20)
              + " one large file, which is mapped",
          e);
    }
  }

  private static DataException unreadable(Path path, IOException e) {
    return switch (e) {
      case NoSuchFileException _ ->
          new DataException(path + ": no such file or folder; check the path", e);
      case AccessDeniedException denied ->
          new DataException(denied.getFile() + ": access denied; change its permissions", e);
      default ->
          new DataException(
              "%s: cannot be read: %s; check the file".formatted(path, e.getMessage()), e);
    };
  }

  private static List<Path> filesBelow(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> Files.isRegularFile(path) || !Files.exists(path))
          .sorted(Comparator.comparing(path -> pathText(folder.relativize(path))))
          .toList();
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw cause == null ? new IOException(e) : cause;
    }
  }

  private static String pathText(Path relative) {
    return relative.toString().replace(relative.getFileSystem().getSeparator(), "/");
  }

  private static void readFile(Path file, Bytes.Builder builder) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size >= MAPPED_FROM) {
        builder.map(channel);
      } else {
        builder.append(Channels.newInputStream(channel));
      }
    }
  }

  private static boolean isZip(Path file) throws IOException {
    byte[] magic;
    try (InputStream in = Files.newInputStream(file)) {
      magic = in.readNBytes(4);
    }
    return magic.length == 4
        && magic[0] == 'P'
        && magic[1] == 'K'
        && ((magic[2] == 3 && magic[3] == 4) || (magic[2] == 5 && magic[3] == 6));
  }

  private static void readZip(Path archive, Bytes.Builder builder) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      List<? extends ZipEntry> entries =
          zip.stream()
              .filter(entry -> !entry.isDirectory())
              .sorted(Comparator.comparing(ZipEntry::getName))
              .toList();
      for (ZipEntry entry : entries) {
        try (InputStream in = new BufferedInputStream(zip.getInputStream(entry))) {
          builder.append(in);
        } catch (IOException e) {
          throw new IOException("entry %s: %s".formatted(entry.getName(), e.getMessage()), e);
        }
      }
    }
  }
}
