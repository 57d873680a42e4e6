package dev.sluice.cli.bench.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/// The system's OpenBLAS, as a measure. Nothing but the benchmark calls it.
final class OpenBlas {
  private static final List<String> NAMES =
      List.of("libopenblas.so.0", "libopenblas.so", "libopenblas.0.dylib", "libopenblas.dylib");
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  private final MethodHandle sgemm;
  private final MethodHandle setThreads;

  private OpenBlas(SymbolLookup library) {
    var i = ValueLayout.JAVA_INT;
    var f = ValueLayout.JAVA_FLOAT;
    var p = ValueLayout.ADDRESS;
    Linker linker = Linker.nativeLinker();
    sgemm =
        linker.downcallHandle(
            library.findOrThrow("cblas_sgemm"),
            FunctionDescriptor.ofVoid(i, i, i, i, i, i, f, p, i, p, i, f, p, i));
    setThreads =
        linker.downcallHandle(
            library.findOrThrow("openblas_set_num_threads"), FunctionDescriptor.ofVoid(i));
  }

  /// The library, if the system has it.
  static Optional<OpenBlas> find() {
    for (String name : NAMES) {
      try {
        return Optional.of(new OpenBlas(SymbolLookup.libraryLookup(name, Arena.global())));
      } catch (IllegalArgumentException e) {
        // Not under this name.
      }
    }
    return Optional.empty();
  }

  void threads(int count) {
    try {
      setThreads.invokeExact(count);
    } catch (Throwable e) {
      throw new IllegalStateException("openblas_set_num_threads failed", e);
    }
  }

  /// `C = op(A)·op(B)`, row-major, without gaps between rows.
  void multiply(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      MemorySegment a,
      MemorySegment b,
      MemorySegment c) {
    try {
      sgemm.invokeExact(
          ROW_MAJOR,
          transA ? TRANSPOSED : PLAIN,
          transB ? TRANSPOSED : PLAIN,
          m,
          n,
          k,
          1f,
          a,
          transA ? m : k,
          b,
          transB ? k : n,
          0f,
          c,
          n);
    } catch (Throwable e) {
      throw new IllegalStateException("cblas_sgemm failed", e);
    }
  }
}
