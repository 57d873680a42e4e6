package dev.sluice.tasks.device;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/// The devices of the runtime that is on the path.
public final class Devices {
  private Devices() {}

  /// All devices, the default one first.
  ///
  /// @throws DeviceException if there is no runtime or two of them, or the one does not start
  public static List<Device> all() {
    List<Device> devices;
    try {
      RuntimeCheck.one();
      RuntimeSettings.apply();
      devices = RuntimeCheck.embedded() ? found() : foundQuietly();
    } catch (LinkageError e) {
      throw RuntimeCheck.broken(e);
    }
    if (devices.isEmpty()) {
      throw new DeviceException("the runtime has no device" + RuntimeCheck.needs());
    }
    return devices;
  }

  /// What native code says of drivers that it does not find is not for a command's output.
  private static List<Device> foundQuietly() {
    NativeOutput.begin();
    try {
      return found();
    } finally {
      NativeOutput.end();
    }
  }

  private static List<Device> found() {
    List<Device> devices = new ArrayList<>();
    for (TornadoBackend backend : TornadoExecutionPlan.getTornadoDeviceMap().getAllBackends()) {
      int number = 0;
      for (TornadoDevice device : backend.getAllDevices()) {
        devices.add(describe(backend.getBackendType(), number++, device));
      }
    }
    return devices;
  }

  /// The device that is used when none is asked for.
  public static Device preferred() {
    return all().getFirst();
  }

  /// The device with this id; `cuda` means `cuda:0`.
  ///
  /// @throws DeviceException if there is none, naming those there are
  public static Device named(String id) {
    List<Device> all = all();
    String wanted = id.toLowerCase(Locale.ROOT);
    return all.stream()
        .filter(d -> d.id().equals(wanted) || d.id().equals(wanted + ":0"))
        .findFirst()
        .orElseThrow(() ->
            new DeviceException(
                "no device '%s'; there are: %s%s"
                    .formatted(
                        id,
                        all.stream().map(Device::id).collect(Collectors.joining(", ")),
                        wayTo(wanted))));
  }

  /// How a device of another backend is reached, to be put behind a message.
  private static String wayTo(String id) {
    String backend = id.replaceFirst(":.*", "");
    boolean known = List.of("cuda", "ptx", "opencl", "spirv").contains(backend);
    if (RuntimeCheck.embedded()) {
      return known
          ? "; set TORNADOVM_HOME to a TornadoVM SDK with the backend '%s'".formatted(backend)
          : "";
    }
    if (backend.equals("jvm")) {
      return "; unset TORNADOVM_HOME to run on the JVM";
    }
    boolean other = known && !RuntimeCheck.hasBackend(backend);
    return other
        ? "; this SDK lacks the backend '%s': set TORNADOVM_HOME to one that has it"
            .formatted(backend)
        : "";
  }

  private static Device describe(TornadoVMBackendType type, int number, TornadoDevice device) {
    Backend backend =
        switch (type) {
          case JAVA -> Backend.JVM;
          case OPENCL -> Backend.OPENCL;
          case PTX -> Backend.PTX;
          case CUDA -> Backend.CUDA;
          case SPIRV -> Backend.SPIRV;
          default -> throw new DeviceException("backend " + type + " is not one that Sluice knows");
        };
    String id = backend.name().toLowerCase(Locale.ROOT);
    return new Device(
        backend == Backend.JVM ? id : id + ":" + number,
        backend,
        device.getPhysicalDevice().getDeviceName().strip(),
        features(backend),
        backend == Backend.JVM
            ? device.getMaxGlobalMemory()
            : Math.min(device.getMaxGlobalMemory(), RuntimeSettings.memory()),
        device);
  }

  private static Set<Feature> features(Backend backend) {
    return switch (backend) {
      case JVM ->
          ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
              ? EnumSet.of(Feature.HOST_TASKS, Feature.VECTOR_API)
              : EnumSet.of(Feature.HOST_TASKS);
      // The runtime's API does not say whether cl_khr_fp16 is there, so no op relies on it.
      case OPENCL, SPIRV -> EnumSet.of(Feature.WORK_GROUPS);
      case PTX ->
          EnumSet.of(Feature.WORK_GROUPS, Feature.FP16, Feature.MATRIX_UNITS, Feature.SUBGROUP_SUM);
      case CUDA ->
          EnumSet.of(
              Feature.WORK_GROUPS,
              Feature.FP16,
              Feature.BF16,
              Feature.MATRIX_UNITS,
              Feature.ASYNC_COPY,
              Feature.SUBGROUP_SUM,
              Feature.CUBLAS,
              Feature.GRAPH_CAPTURE);
    };
  }
}
