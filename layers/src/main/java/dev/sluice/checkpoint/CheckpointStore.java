package dev.sluice.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The checkpoints of a run, `RUN/checkpoints/step-000123`.
///
/// A checkpoint is written into `step-000123.tmp`, brought to the disk, and renamed; whoever is
/// killed on the way leaves a `.tmp` that nobody reads and the next [#open(Path, int)] deletes. The
/// last few and the best are kept. While a store is open, no other process opens the same (where
/// the file system has locks).
public final class CheckpointStore implements AutoCloseable {
  static final String CHECKPOINTS = "checkpoints";

  private static final String TEMPORARY = ".tmp";
  private static final String REPLACED = ".old";
  private static final String LOCK = ".lock";
  private static final Pattern NAME = Pattern.compile("step-(\\d{1,18})");

  private final Path run;
  private final Path folder;
  private final int keep;
  private final FileChannel lock;

  /// What a checkpoint holds besides the trainer's state.
  @FunctionalInterface
  public interface Contents {
    /// Writes the files.
    ///
    /// @param into names them
    void write(CheckpointFolder into) throws IOException;
  }

  private CheckpointStore(Path run, int keep, FileChannel lock) {
    this.run = run;
    this.folder = run.resolve(CHECKPOINTS);
    this.keep = keep;
    this.lock = lock;
  }

  /// Opens a run's folder for writing, creates what is missing and removes what a killed run left.
  ///
  /// @param keep how many of the last checkpoints are kept, besides the best
  /// @throws CheckpointException if the folder cannot be written, or another process has it open
  public static CheckpointStore open(Path run, int keep) {
    if (keep < 1) {
      throw new CheckpointException(
          "%s: %d checkpoints to keep; at least 1 is needed".formatted(run, keep));
    }
    FileChannel lock = null;
    try {
      Path folder = Files.createDirectories(run.resolve(CHECKPOINTS));
      lock =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLockedElsewhere(lock)) {
        lock.close();
        throw new CheckpointException(
            run + ": another process trains there; wait for it or choose another folder");
      }
      CheckpointStore store = new CheckpointStore(run, keep, lock);
      store.cleanUp();
      return store;
    } catch (IOException e) {
      closeQuietly(lock);
      throw new CheckpointException("%s: cannot be written: %s".formatted(run, Reason.of(e)), e);
    }
  }

  private static boolean isLockedElsewhere(FileChannel channel) {
    try {
      FileLock held = channel.tryLock();
      return held == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      return false; // A file system without locks: nobody can tell.
    }
  }

  /// All checkpoints, in the order of their steps.
  ///
  /// @throws CheckpointException if the folder cannot be read
  public List<CheckpointFolder> all() {
    return list(run);
  }

  /// The checkpoint of the last step, if there is one.
  public Optional<CheckpointFolder> latest() {
    List<CheckpointFolder> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /// The checkpoint with the least held-out loss, of several the first; empty if none has been
  /// measured. One whose state cannot be read is passed over.
  public Optional<CheckpointFolder> best() {
    return best(states());
  }

  private static Optional<CheckpointFolder> best(
      SequencedMap<CheckpointFolder, TrainerState> states) {
    CheckpointFolder best = null;
    double least = Double.POSITIVE_INFINITY;
    for (Map.Entry<CheckpointFolder, TrainerState> entry : states.entrySet()) {
      double loss = entry.getValue().heldOutLoss();
      if (loss < least) {
        least = loss;
        best = entry.getKey();
      }
    }
    return Optional.ofNullable(best);
  }

  /// Writes a checkpoint and deletes those that are no longer kept. One of the same step is
  /// replaced.
  ///
  /// @throws CheckpointException if something cannot be written. The temporary folder is gone then
  ///   and all earlier checkpoints are as they were.
  public CheckpointFolder save(TrainerState state, Contents contents) {
    String name = "step-%06d".formatted(state.step());
    Path temporary = folder.resolve(name + TEMPORARY);
    Path saved = folder.resolve(name);
    try {
      Durable.delete(temporary);
      Files.createDirectory(temporary);
      CheckpointFolder into = new CheckpointFolder(temporary);
      contents.write(into);
      state.store(into.trainer());
      Durable.forceTree(temporary);
      replace(temporary, saved);
    } catch (IOException e) {
      removeAfter(e, temporary);
      throw new CheckpointException(
          "%s: cannot be written: %s; %s".formatted(saved, Reason.of(e), lastGood()), e);
    } catch (CheckpointException e) {
      removeAfter(e, temporary);
      throw new CheckpointException("%s; %s".formatted(e.getMessage(), lastGood()), e);
    } catch (RuntimeException | Error e) {
      removeAfter(e, temporary);
      throw e;
    }
    prune();
    return new CheckpointFolder(saved);
  }

  /// Deletes the checkpoints past a step, for a run that goes on from an earlier one.
  ///
  /// @throws CheckpointException if one cannot be deleted
  public void discardAfter(long step) {
    all().stream().filter(checkpoint -> checkpoint.step() > step).forEach(this::discard);
  }

  /// Lets other processes open the folder.
  @Override
  public void close() {
    closeQuietly(lock);
  }

  /// The finished checkpoints of a run, in the order of their steps; empty if there is no such run.
  ///
  /// @throws CheckpointException if the folder cannot be read
  public static List<CheckpointFolder> list(Path run) {
    List<CheckpointFolder> found = new ArrayList<>();
    for (Path entry : entries(run.resolve(CHECKPOINTS))) {
      if (stepOf(nameOf(entry)) >= 0 && Files.isDirectory(entry)) {
        found.add(new CheckpointFolder(entry));
      }
    }
    found.sort(Comparator.comparingLong(CheckpointFolder::step));
    return found;
  }

  /// The step in a folder's name, −1 if it is not the name of a finished checkpoint.
  static long stepOf(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  private static List<Path> entries(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.toList();
    } catch (IOException e) {
      throw new CheckpointException("%s: cannot be read: %s".formatted(folder, Reason.of(e)), e);
    }
  }

  private static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }

  /// Renames; what was there of the same name steps aside first, and [#cleanUp()] brings it back if
  /// we are killed between.
  private void replace(Path temporary, Path saved) throws IOException {
    Path replaced = saved.resolveSibling(nameOf(saved) + REPLACED);
    boolean replaces = Files.exists(saved);
    if (replaces) {
      Files.move(saved, replaced, StandardCopyOption.ATOMIC_MOVE);
    }
    try {
      Files.move(temporary, saved, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (replaces) {
        Files.move(replaced, saved, StandardCopyOption.ATOMIC_MOVE);
      }
      throw e;
    }
    Durable.forceFolder(folder);
    Durable.delete(replaced);
  }

  private void cleanUp() throws IOException {
    for (Path entry : entries(folder)) {
      String name = nameOf(entry);
      if (name.endsWith(REPLACED)) {
        Path saved = entry.resolveSibling(name.substring(0, name.length() - REPLACED.length()));
        if (stepOf(nameOf(saved)) >= 0 && !Files.exists(saved)) {
          Files.move(entry, saved, StandardCopyOption.ATOMIC_MOVE);
        } else {
          Durable.delete(entry);
        }
      } else if (name.endsWith(TEMPORARY)) {
        Durable.delete(entry);
      }
    }
  }

  /// The states that can be read, by checkpoint: a damaged one must not end a run that does not
  /// need it.
  private SequencedMap<CheckpointFolder, TrainerState> states() {
    SequencedMap<CheckpointFolder, TrainerState> states = new LinkedHashMap<>();
    for (CheckpointFolder checkpoint : all()) {
      try {
        states.put(checkpoint, checkpoint.state());
      } catch (CheckpointException e) {
        // Its parameters may be whole: it is neither judged nor deleted.
      }
    }
    return states;
  }

  private void prune() {
    List<CheckpointFolder> all = all();
    SequencedMap<CheckpointFolder, TrainerState> states = states();
    Set<Path> kept = new HashSet<>();
    best(states).ifPresent(best -> kept.add(best.path()));
    for (CheckpointFolder last : all.subList(Math.max(0, all.size() - keep), all.size())) {
      kept.add(last.path());
    }
    states.keySet().stream()
        .filter(checkpoint -> !kept.contains(checkpoint.path()))
        .forEach(this::discard);
  }

  /// Renames before it deletes, so that a half-deleted checkpoint does not look like a whole one.
  private void discard(CheckpointFolder checkpoint) {
    Path dying = checkpoint.path().resolveSibling(nameOf(checkpoint.path()) + TEMPORARY);
    try {
      Files.move(checkpoint.path(), dying, StandardCopyOption.ATOMIC_MOVE);
      Durable.delete(dying);
    } catch (IOException e) {
      throw new CheckpointException(
          "%s: cannot be deleted: %s".formatted(checkpoint.path(), Reason.of(e)), e);
    }
  }

  private String lastGood() {
    return latest()
        .map(latest -> "nothing is lost: the last checkpoint is " + latest.path())
        .orElse("there is no checkpoint yet");
  }

  private static void removeAfter(Throwable failure, Path temporary) {
    try {
      Durable.delete(temporary);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new CheckpointException("the lock cannot be released: " + e.getMessage(), e);
      }
    }
  }
}
