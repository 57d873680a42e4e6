package dev.sluice.tasks.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What is written to the process's standard output while the runtime works.
///
/// TornadoVM's native code reports a call of the driver that failed, such as a kernel that was not
/// launched, by a line there and goes on. So descriptor 1 leads to a file meanwhile. Where the
/// system has no such descriptors (Windows), nothing is seen.
///
/// For the runtime's own use within this module.
public final class NativeOutput {
  private static final int STANDARD_OUTPUT = 1;
  private static final int READ_AND_WRITE = 2;
  private static final int FROM_THE_END = 2;

  /// The functions of the system; as constants they cost no more than the calls themselves.
  private static final class Calls {
    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    static final MethodHandle DUPLICATE = function("dup", INT, INT);
    static final MethodHandle REDIRECT = function("dup2", INT, INT, INT);
    static final MethodHandle OPEN = function("open", INT, POINTER, INT);
    static final MethodHandle SEEK = function("lseek", LONG, INT, LONG, INT);
    static final MethodHandle READ_AT = function("pread", LONG, INT, POINTER, LONG, LONG);
    static final MethodHandle TRUNCATE = function("ftruncate", INT, INT, LONG);
    static final MethodHandle WRITE = function("write", LONG, INT, POINTER, LONG);

    private Calls() {}

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... types) {
      Linker linker = Linker.nativeLinker();
      MemorySegment address = linker.defaultLookup().findOrThrow(name);
      return linker.downcallHandle(address, FunctionDescriptor.of(result, types));
    }
  }

  private static @Nullable NativeOutput instance;
  private static boolean missing;

  private final int original;
  private final int file;
  private int depth;

  private NativeOutput() throws Throwable {
    original = (int) Calls.DUPLICATE.invokeExact(STANDARD_OUTPUT);
    Path path = Files.createTempFile("sluice", ".out");
    try (Arena arena = Arena.ofConfined()) {
      file = (int) Calls.OPEN.invokeExact(arena.allocateFrom(path.toString()), READ_AND_WRITE);
    }
    Files.delete(path);
    if (original < 0 || file < 0) {
      throw new IOException("standard output cannot be followed");
    }
  }

  /// Begins to take what is written; [#end] must follow. Pairs may be nested and may overlap.
  public static synchronized void begin() {
    if (instance == null && !missing) {
      try {
        instance = new NativeOutput();
      } catch (ExceptionInInitializerError e) {
        missing = true;
      } catch (Throwable e) {
        throw failed(e);
      }
    }
    if (instance != null && instance.depth++ == 0) {
      instance.lead(instance.file);
    }
  }

  /// Ends what [#begin] began, and tells what was written since the last [#begin] or [#end].
  ///
  /// @return what was written
  public static synchronized String end() {
    if (instance == null) {
      return "";
    }
    String text = instance.taken();
    if (--instance.depth == 0) {
      instance.lead(instance.original);
    }
    return text;
  }

  /// Writes to where standard output leads when nothing is taken.
  public static synchronized void pass(String text) {
    if (instance == null || text.isEmpty()) {
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      long done = 0;
      long count = 1;
      while (done < bytes.length && count > 0) {
        MemorySegment rest = buffer.asSlice(done);
        count = (long) Calls.WRITE.invokeExact(instance.original, rest, rest.byteSize());
        done += count;
      }
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private void lead(int to) {
    try {
      int result = (int) Calls.REDIRECT.invokeExact(to, STANDARD_OUTPUT);
      if (result < 0) {
        throw new IOException("standard output cannot be redirected");
      }
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private String taken() {
    try {
      long size = (long) Calls.SEEK.invokeExact(file, 0L, FROM_THE_END);
      if (size <= 0) {
        return "";
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(size);
        long count = (long) Calls.READ_AT.invokeExact(file, buffer, size, 0L);
        int result = (int) Calls.TRUNCATE.invokeExact(file, 0L);
        long start = (long) Calls.SEEK.invokeExact(file, 0L, 0);
        if (count != size || result != 0 || start != 0) {
          throw new IOException("standard output cannot be read back");
        }
        return new String(buffer.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
      }
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static RuntimeException failed(Throwable cause) {
    return switch (cause) {
      case Error e -> throw e;
      case RuntimeException e -> e;
      case IOException e -> new UncheckedIOException(e);
      default -> new IllegalStateException(cause);
    };
  }
}
