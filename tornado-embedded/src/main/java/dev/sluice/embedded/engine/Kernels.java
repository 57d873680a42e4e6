package dev.sluice.embedded.engine;

import dev.sluice.embedded.engine.LoopSplitter.Split;
import dev.sluice.embedded.engine.ParallelLoop.Unsplittable;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The kernels made ready so far, kept with their classes.
final class Kernels {

  private static final System.Logger LOG = System.getLogger("dev.sluice.embedded");

  private static final ClassValue<Map<KernelReference, Optional<Split>>> SPLITS =
      new ClassValue<>() {
        @Override
        protected Map<KernelReference, Optional<Split>> computeValue(Class<?> owner) {
          return new ConcurrentHashMap<>();
        }
      };

  private Kernels() {}

  /// @param reference a kernel
  /// @return the kernel, splittable; null if it has no loop to split
  static @Nullable Split split(KernelReference reference) {
    return SPLITS.get(reference.owner()).computeIfAbsent(reference, Kernels::make).orElse(null);
  }

  private static Optional<Split> make(KernelReference reference) {
    try {
      KernelMethod kernel = KernelMethod.of(reference);
      if (kernel == null) {
        throw new Unsplittable("its class file cannot be found");
      }
      return Optional.ofNullable(LoopSplitter.split(kernel));
    } catch (Unsplittable e) {
      LOG.log(
          System.Logger.Level.DEBUG, () -> reference + " runs on one thread: " + e.getMessage());
      return Optional.empty();
    }
  }
}
