package dev.sluice.tasks.kernels;

import java.util.List;
import uk.ac.manchester.tornado.api.common.Access;

/// A kernel as TornadoVM's compiler makes it, before the driver's compiler gets it.
///
/// @param entryPoint its name in the source
/// @param accesses how it uses each argument
/// @param sizes iterations of its parallel loops, those of the device's x first; none for a kernel
///   with a context
/// @param source in the language of the backend; sizes and other constants are part of it
public record CompiledKernel(
    String entryPoint, List<Access> accesses, List<Integer> sizes, String source) {
  /// Copies the lists.
  public CompiledKernel {
    accesses = List.copyOf(accesses);
    sizes = List.copyOf(sizes);
  }

  /// The same with another source.
  CompiledKernel withSource(String better) {
    return new CompiledKernel(entryPoint, accesses, sizes, better);
  }
}
