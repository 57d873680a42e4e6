package dev.sluice.tasks.kernels;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.WorkerGrid;

/// Says more to NVRTC than TornadoVM's compiler does, in the source that it makes; what is computed
/// stays the same.
///
/// - *Addresses* are integers there, cast to pointers where memory is read or written. So nothing
///   is known of them: not that two differ by a constant, not how they are aligned, not even that
///   they lead to global memory. As pointers from the start they take fewer registers and
///   instructions, and neighbours are stored together. Arrays begin at multiples of 16 bytes.
/// - *Rounding to bfloat16* is six instructions there, and one of the device since Ampere. They
///   differ in the payload of NaN.
/// - *Groups*: how many work-items one has, and how many the registers must have room for.
///
/// A source of another form than expected is left as it is.
final class CudaSource {
  /// Part of the key of what is kept: to be changed with what is made here.
  static final String VERSION = "1";

  private static final String KERNEL = "extern \"C\" __global__ void ";
  private static final Pattern DECLARED =
      Pattern.compile("(\\s*)unsigned long long (ul_\\d+(?:, ul_\\d+)*);\\s*");
  private static final Pattern BASE =
      Pattern.compile("(\\s*(ul_\\d+)  =  )\\(unsigned long long\\) (\\w+);\\s*");
  private static final Pattern SUM =
      Pattern.compile("\\s*(ul_\\d+)  =  (ul_\\d+) \\+ (?:(ul_\\d+)|l_\\d+|\\d+L);\\s*");
  private static final Pattern ACCESS = Pattern.compile("\\(\\(\\s*[\\w ]+\\*\\) ul_\\d+\\b");
  private static final Pattern ADDRESS = Pattern.compile("\\bul_\\d+\\b");
  private static final Pattern ROUNDING =
      Pattern.compile("(\\s*sh_\\d+  =  )\\((f_\\d+) != \\2\\) \\? \\(short\\) 0x7FC0 : .*");
  private static final String ROUND =
      """
      static __device__ __forceinline__ short sluice_bfloat16(float x) {
      #if __CUDA_ARCH__ >= 800
        short y;
        asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y) : "f"(x));
        return y;
      #else
        unsigned bits = __float_as_uint(x);
        return x != x ? (short) 0x7FC0 : (short) ((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
      #endif
      }

      """;

  private CudaSource() {}

  /// The source to compile instead of `source`.
  ///
  /// @param workers null if the kernel's parallel loops say how many work-items there are
  /// @param resident work-items that a multiprocessor must have registers for at a time; 0 if that
  ///   is left to NVRTC
  static String of(String source, @Nullable WorkerGrid workers, int resident) {
    int kernel = source.indexOf(KERNEL);
    if (kernel < 0 || source.indexOf("__global__", kernel + KERNEL.length()) >= 0) {
      return source;
    }
    Set<String> pointers = pointers(source);
    String better = source.lines().map(l -> line(l, pointers)).collect(Collectors.joining("\n"));
    StringBuilder to = new StringBuilder(better).append('\n');
    int at = to.indexOf(KERNEL);
    to.insert(at + KERNEL.length(), bounds(workers, resident));
    if (to.indexOf("sluice_bfloat16") >= 0) {
      to.insert(at, ROUND);
    }
    return to.toString();
  }

  /// The variables that hold addresses; none if one of them is used in a way that is not known.
  private static Set<String> pointers(String source) {
    Set<String> pointers = new HashSet<>();
    for (String line : source.split("\n")) {
      var base = BASE.matcher(line);
      var sum = SUM.matcher(line);
      if (base.matches()) {
        pointers.add(base.group(2));
      } else if (sum.matches() && pointers.contains(sum.group(2))) {
        pointers.add(sum.group(1));
      }
    }
    boolean known = source.lines().allMatch(line -> isKnown(line, pointers));
    return known ? pointers : Set.of();
  }

  private static boolean isKnown(String line, Set<String> pointers) {
    if (!line.contains("ul_") || DECLARED.matcher(line).matches() || BASE.matcher(line).matches()) {
      return true;
    }
    var sum = SUM.matcher(line);
    if (sum.matches() && pointers.contains(sum.group(2))) {
      return sum.group(3) == null || !pointers.contains(sum.group(3));
    }
    String rest = ACCESS.matcher(line).replaceAll("");
    return ADDRESS.matcher(rest).results().noneMatch(r -> pointers.contains(r.group()));
  }

  private static String line(String line, Set<String> pointers) {
    var rounding = ROUNDING.matcher(line);
    if (rounding.matches()) {
      return rounding.group(1) + "sluice_bfloat16(" + rounding.group(2) + ");";
    }
    var declared = DECLARED.matcher(line);
    var base = BASE.matcher(line);
    if (declared.matches() && !pointers.isEmpty()) {
      StringBuilder to = new StringBuilder(declared.group(1));
      for (String name : declared.group(2).split(", ")) {
        to.append(pointers.contains(name) ? "char *" : "unsigned long long ");
        to.append(name).append("; ");
      }
      return to.toString();
    }
    if (base.matches() && pointers.contains(base.group(2))) {
      return base.group(1) + "(char *) __builtin_assume_aligned(" + base.group(3) + ", 16);";
    }
    return line;
  }

  private static String bounds(@Nullable WorkerGrid workers, int resident) {
    long[] local = workers == null ? null : workers.getLocalWork();
    if (local == null) {
      return "";
    }
    long items = 1;
    for (long size : local) {
      items *= size;
    }
    String groups = resident < items ? "" : ", " + resident / items;
    return "__launch_bounds__(" + items + groups + ") ";
  }
}
