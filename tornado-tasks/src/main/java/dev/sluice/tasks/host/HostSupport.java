package dev.sluice.tasks.host;

/// What this JVM offers to host code; safe to call on any JVM.
public final class HostSupport {
  /// System property that forces the vector width: `512`, `256` or `128` bits; by default the
  /// machine's preference.
  public static final String VECTOR_BITS = "sluice.vector.bits";

  private static final boolean VECTOR_API =
      ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

  private HostSupport() {}

  /// Whether the module `jdk.incubator.vector` is in this JVM (`--add-modules
  /// jdk.incubator.vector`). Classes of this package other than this one, [Gemm] and [ScalarMath]
  /// may be used only if so.
  public static boolean vectorApi() {
    return VECTOR_API;
  }
}
