package dev.sluice.training;

import dev.sluice.checkpoint.CheckpointException;
import dev.sluice.checkpoint.JsonFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The log of a run, `log.jsonl` in its folder: one JSON object a line, each in the file as soon as
/// it is appended.
public final class RunLog implements AutoCloseable {
  /// Name of the file in the run's folder.
  public static final String FILE = "log.jsonl";

  private final Path path;
  private final BufferedWriter writer;

  private RunLog(Path path, BufferedWriter writer) {
    this.path = path;
    this.writer = writer;
  }

  /// Opens the log of a run that stands at `step`: entries past it, and a last line that a killed
  /// run did not finish, are dropped. A new run stands at 0; its folder is created.
  ///
  /// @throws CheckpointException if the file cannot be read or written, or holds something else
  ///   than a log
  public static RunLog open(Path run, long step) {
    Path path = run.resolve(FILE);
    try {
      Files.createDirectories(run);
      StringBuilder kept = new StringBuilder();
      for (LogEntry entry : entries(path)) {
        if (entry.step() <= step && step > 0) {
          kept.append(JsonFiles.line(entry.toMap())).append('\n');
        }
      }
      Path temporary = run.resolve(FILE + ".tmp");
      Files.writeString(temporary, kept);
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new RunLog(path, Files.newBufferedWriter(path, StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  /// The entries of a run's log, in file order; none if there is no log. A last line that is not
  /// finished is left out.
  ///
  /// @throws CheckpointException if the file cannot be read or holds something else than a log; it
  ///   names the line
  public static List<LogEntry> read(Path run) {
    Path path = run.resolve(FILE);
    try {
      return entries(path);
    } catch (IOException e) {
      throw new CheckpointException(
          "%s: cannot be read: %s; check the file".formatted(path, e.getMessage()), e);
    }
  }

  private static List<LogEntry> entries(Path path) throws IOException {
    List<LogEntry> entries = new ArrayList<>();
    if (!Files.exists(path)) {
      return entries;
    }
    // Not strict about UTF-8: a killed run may end within a character.
    String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
    int line = 1;
    int start = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      entries.add(LogEntry.of(JsonFiles.parse(path + ":" + line, text.substring(start, end))));
      start = end + 1;
      line++;
    }
    return entries;
  }

  /// Appends an entry; it is in the file when this returns.
  ///
  /// @throws CheckpointException if the file cannot be written
  public void append(LogEntry entry) {
    try {
      writer.write(JsonFiles.line(entry.toMap()));
      writer.write('\n');
      writer.flush();
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  private static CheckpointException unwritable(Path path, IOException e) {
    return new CheckpointException(
        "%s: cannot be written: %s; check the disk and the folder".formatted(path, e.getMessage()),
        e);
  }
}
