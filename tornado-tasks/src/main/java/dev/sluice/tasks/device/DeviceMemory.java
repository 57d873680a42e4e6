package dev.sluice.tasks.device;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Asks the drivers how much memory their devices have, before TornadoVM starts, which wants to
/// know then how much it may take.
final class DeviceMemory {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

  /// `CL_DEVICE_TYPE_ALL`.
  private static final long ALL_TYPES = 0xFFFFFFFFL;

  /// `CL_DEVICE_GLOBAL_MEM_SIZE`.
  private static final int GLOBAL_MEMORY = 0x101F;

  private static final int MOST_DEVICES = 64;

  private DeviceMemory() {}

  /// Bytes of the device that has most, of the backends on the module path; 0 if no driver tells.
  static long most() {
    long most = 0;
    if (has("tornado.drivers.cuda") || has("tornado.drivers.ptx")) {
      most = mostOf("libcuda.so.1", "nvcuda", DeviceMemory::cuda);
    }
    if (has("tornado.drivers.opencl")) {
      most = Math.max(most, mostOf("libOpenCL.so.1", "OpenCL", DeviceMemory::openCl));
    }
    return most;
  }

  private static boolean has(String module) {
    return ModuleLayer.boot().findModule(module).isPresent();
  }

  @FunctionalInterface
  private interface Query {
    long ask(SymbolLookup library, Arena arena) throws Throwable;
  }

  @SuppressWarnings("restricted")
  private static long mostOf(String unixName, String otherName, Query query) {
    String system = System.getProperty("os.name", "");
    String name = system.startsWith("Windows") ? otherName : unixName;
    try (Arena arena = Arena.ofConfined()) {
      // The library is never unloaded: TornadoVM uses it, too.
      return query.ask(SymbolLookup.libraryLookup(name, Arena.global()), arena);
    } catch (VirtualMachineError e) {
      throw e;
    } catch (Throwable e) {
      // No such driver, or one without these functions; TornadoVM says what is missing.
      return 0;
    }
  }

  private static long cuda(SymbolLookup library, Arena arena) throws Throwable {
    MemorySegment count = arena.allocate(INT);
    MemorySegment bytes = arena.allocate(LONG);
    long most = 0;
    if ((int) function(library, "cuInit", INT).invokeExact(0) != 0
        || (int) function(library, "cuDeviceGetCount", POINTER).invokeExact(count) != 0) {
      return 0;
    }
    MethodHandle total = function(library, "cuDeviceTotalMem_v2", POINTER, INT);
    for (int device = 0; device < count.get(INT, 0); device++) {
      if ((int) total.invokeExact(bytes, device) == 0) {
        most = Math.max(most, bytes.get(LONG, 0));
      }
    }
    return most;
  }

  private static long openCl(SymbolLookup library, Arena arena) throws Throwable {
    MethodHandle platforms = function(library, "clGetPlatformIDs", INT, POINTER, POINTER);
    MethodHandle devices =
        function(library, "clGetDeviceIDs", POINTER, LONG, INT, POINTER, POINTER);
    MethodHandle info = function(library, "clGetDeviceInfo", POINTER, INT, LONG, POINTER, POINTER);
    MemorySegment found = arena.allocate(ValueLayout.ADDRESS, MOST_DEVICES);
    MemorySegment ids = arena.allocate(ValueLayout.ADDRESS, MOST_DEVICES);
    MemorySegment count = arena.allocate(INT);
    MemorySegment bytes = arena.allocate(LONG);
    long most = 0;
    if ((int) platforms.invokeExact(MOST_DEVICES, found, count) != 0) {
      return 0;
    }
    int platformCount = Math.min(count.get(INT, 0), MOST_DEVICES);
    for (int p = 0; p < platformCount; p++) {
      MemorySegment platform = found.getAtIndex(ValueLayout.ADDRESS, p);
      if ((int) devices.invokeExact(platform, ALL_TYPES, MOST_DEVICES, ids, count) != 0) {
        continue;
      }
      int deviceCount = Math.min(count.get(INT, 0), MOST_DEVICES);
      for (int d = 0; d < deviceCount; d++) {
        MemorySegment device = ids.getAtIndex(ValueLayout.ADDRESS, d);
        int status = (int) info.invokeExact(device, GLOBAL_MEMORY, 8L, bytes, MemorySegment.NULL);
        most = status == 0 ? Math.max(most, bytes.get(LONG, 0)) : most;
      }
    }
    return most;
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(SymbolLookup library, String name, MemoryLayout... types) {
    return Linker.nativeLinker()
        .downcallHandle(library.find(name).orElseThrow(), FunctionDescriptor.of(INT, types));
  }
}
