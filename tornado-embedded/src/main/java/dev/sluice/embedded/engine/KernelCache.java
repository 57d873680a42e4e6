package dev.sluice.embedded.engine;

import dev.sluice.embedded.engine.ContextCompiler.Compiled;
import dev.sluice.embedded.engine.LoopSplitter.Split;
import dev.sluice.embedded.engine.ParallelLoop.Unsplittable;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;

/// The kernels made ready so far, kept with their classes.
final class KernelCache {

  private static final System.Logger LOG = System.getLogger("dev.sluice.embedded");

  private static final ClassValue<Map<KernelReference, Optional<Split>>> SPLITS =
      new ClassValue<>() {
        @Override
        protected Map<KernelReference, Optional<Split>> computeValue(Class<?> owner) {
          return new ConcurrentHashMap<>();
        }
      };

  private static final ClassValue<Map<KernelReference, Compiled>> COMPILED =
      new ClassValue<>() {
        @Override
        protected Map<KernelReference, Compiled> computeValue(Class<?> owner) {
          return new ConcurrentHashMap<>();
        }
      };

  private KernelCache() {}

  /// @param reference a kernel with a context
  /// @return the kernel, compiled
  /// @throws TornadoBailoutRuntimeException if it cannot be
  static Compiled compile(KernelReference reference) {
    return COMPILED
        .get(reference.owner())
        .computeIfAbsent(
            reference,
            key -> {
              KernelMethod kernel = KernelMethod.of(key);
              if (kernel == null) {
                throw new TornadoBailoutRuntimeException(
                    "The class file of " + key + " cannot be found");
              }
              return ContextCompiler.compile(kernel);
            });
  }

  /// @param reference a kernel
  /// @return the kernel, splittable; null if it has no loop to split
  static @Nullable Split split(KernelReference reference) {
    return SPLITS.get(reference.owner()).computeIfAbsent(reference, KernelCache::make).orElse(null);
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
