package dev.sluice.tasks.host;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Where in an array a cache line begins, for memory that an op works in.
///
/// The JVM lays an array anywhere on eight bytes, and a vector as long as a line that does not
/// begin with one takes two. An address can be had by C's `memmove` alone, which returns it;
/// finding that function costs a tenth of a second of processor time, so another thread does it
/// once the question has been asked often, which a first training step does not.
///
/// The garbage collector may move an array at any time: ask each time anew, and give the same
/// results wherever the work begins.
public final class CacheLines {
  /// Floats of a line.
  public static final int FLOATS = 16;

  /// How often [#start] is asked before it is worth finding out.
  private static final int PATIENCE = 512;

  private static final int SELDOM = 64;

  private static final AtomicInteger ASKED = new AtomicInteger();
  private static volatile boolean prepared;

  private CacheLines() {}

  /// The index of the first element that begins a line, below [#FLOATS]; 0 as long as nobody knows,
  /// or where the JVM permits no native access or the system has no such function.
  ///
  /// @param x at least [#FLOATS] elements, neither read nor written
  public static int start(float[] x) {
    if (prepared) {
      return startIfKnown(x);
    }
    if (ASKED.incrementAndGet() == PATIENCE) {
      Thread.ofPlatform().name("sluice-cache-lines").daemon().start(CacheLines::prepare);
    }
    return 0;
  }

  /// How many passes that each take a good part of a millisecond may go by until [#start] is asked
  /// anew: asking makes small objects until the caller is compiled, and arrays move seldom.
  public static int patience() {
    return prepared ? SELDOM : 1;
  }

  /// As [#start], for work that is too small to count as a question.
  ///
  /// @param x at least [#FLOATS] elements, neither read nor written
  public static int startIfKnown(float[] x) {
    return prepared ? (int) (-address(x) >> 2) & FLOATS - 1 : 0;
  }

  /// Has [#start] know from now on.
  ///
  /// @return whether it can
  public static boolean prepare() {
    prepared = Addresses.MOVE != null;
    return prepared;
  }

  /// The address of an array's first element at the moment; 0 where it cannot be had.
  static long address(float[] x) {
    MethodHandle move = Addresses.MOVE;
    if (move == null) {
      return 0;
    }
    try {
      MemorySegment segment = MemorySegment.ofArray(x);
      return (long) move.invokeExact(segment, segment, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("memmove of no bytes failed", e);
    }
  }

  private static final class Addresses {
    static final @Nullable MethodHandle MOVE = find();

    @SuppressWarnings("restricted") // What it is asked for touches no memory.
    private static @Nullable MethodHandle find() {
      // Not permitted, the JVM would print a warning or throw.
      if (!CacheLines.class.getModule().isNativeAccessEnabled()) {
        return null;
      }
      try {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> move = linker.defaultLookup().find("memmove");
        FunctionDescriptor type =
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG);
        return move.map(f -> linker.downcallHandle(f, type, Linker.Option.critical(true)))
            .orElse(null);
      } catch (UnsupportedOperationException e) {
        return null;
      }
    }
  }
}
