package dev.sluice.embedded.engine;

import java.util.List;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoBackendNotFound;
import uk.ac.manchester.tornado.api.exceptions.TornadoDeviceNotFound;

/// One backend with one device: the JVM that this runs in.
public final class EmbeddedRuntime implements TornadoRuntime, TornadoBackend {

  /// The runtime.
  public static final EmbeddedRuntime INSTANCE = new EmbeddedRuntime();

  private final TornadoDevice device = new EmbeddedDevice();

  private EmbeddedRuntime() {}

  private static void checkBackend(int index) {
    if (index != 0) {
      throw new TornadoBackendNotFound("The embedded runtime has backend 0 only, not " + index);
    }
  }

  private static void checkDevice(int index) {
    if (index != 0) {
      throw new TornadoDeviceNotFound("The embedded runtime has device 0 only, not " + index);
    }
  }

  @Override
  public TornadoBackend getBackend(int index) {
    checkBackend(index);
    return this;
  }

  @Override
  public void setDefaultBackend(int index) {
    checkBackend(index);
  }

  @Override
  public TornadoVMBackendType getBackendType(int index) {
    checkBackend(index);
    return TornadoVMBackendType.JAVA;
  }

  @Override
  public int getNumBackends() {
    return 1;
  }

  @Override
  public TornadoDevice getDefaultDevice() {
    return device;
  }

  @Override
  public boolean isProfilerEnabled() {
    return Boolean.getBoolean("tornado.profiler");
  }

  @Override
  public void setDefaultDevice(int index) {
    checkDevice(index);
  }

  @Override
  public int getNumDevices() {
    return 1;
  }

  @Override
  public TornadoDevice getDevice(int index) {
    checkDevice(index);
    return device;
  }

  @Override
  public List<TornadoDevice> getAllDevices() {
    return List.of(device);
  }

  @Override
  public TornadoDeviceType getTypeDefaultDevice() {
    return TornadoDeviceType.CPU;
  }

  @Override
  public String getName() {
    return "Java";
  }

  @Override
  public int getNumPlatforms() {
    return 1;
  }

  @Override
  public TornadoVMBackendType getBackendType() {
    return TornadoVMBackendType.JAVA;
  }
}
