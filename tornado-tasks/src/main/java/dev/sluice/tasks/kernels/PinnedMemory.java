package dev.sluice.tasks.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Collection;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/// Host memory that TornadoVM's PTX backend has pinned, and leaves pinned when a plan is closed.
///
/// The arrays are freed with the JVM's next collection, and others may come to lie where they were.
/// The driver refuses to copy one that is pinned in part (`cuMemcpyHtoDAsync` returned 1), and
/// where the old pin covers all of it, it may copy the pages of before. The CUDA backend keeps
/// account of its pins. The members called are public, but not of TornadoVM's API.
public final class PinnedMemory {
  private PinnedMemory() {}

  /// Lets go of what is pinned; to be called when no copy is under way.
  ///
  /// @param device a device of the PTX backend
  /// @param arrays arrays of TornadoVM's; of one that is not pinned, the driver says so on standard
  ///   output
  /// @return whether TornadoVM has the members called
  public static boolean release(TornadoDevice device, Collection<?> arrays) {
    try {
      Object context = Members.get(device, "getDeviceContext");
      Object driver = Members.get(Members.get(context, "getDevice"), "getPTXContext");
      for (Object array : arrays) {
        MemorySegment segment = (MemorySegment) Members.get(array, "getSegmentWithHeader");
        Members.run(driver, "unregisterHostMemory", segment.address());
      }
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
