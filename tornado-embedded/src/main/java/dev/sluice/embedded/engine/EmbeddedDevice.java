package dev.sluice.embedded.engine;

import dev.sluice.embedded.Workers;
import uk.ac.manchester.tornado.api.TornadoDeviceContext;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/// The JVM as a device.
final class EmbeddedDevice implements TornadoDevice, TornadoDeviceContext, TornadoTargetDevice {

  private static final int MAX_GROUP = 1024;
  private static final long LOCAL_BYTES = 48 * 1024;
  private static final String NAME =
      "JVM %s (%s)".formatted(Runtime.version().feature(), System.getProperty("os.arch"));

  @Override
  public String getDeviceName() {
    return NAME;
  }

  @Override
  public String getDescription() {
    return NAME + ", " + Workers.shared().threads() + " threads";
  }

  @Override
  public String getPlatformName() {
    return "Java";
  }

  @Override
  public TornadoDeviceContext getDeviceContext() {
    return this;
  }

  @Override
  public TornadoTargetDevice getPhysicalDevice() {
    return this;
  }

  @Override
  public TornadoTargetDevice getDevice() {
    return this;
  }

  @Override
  public TornadoDeviceType getDeviceType() {
    return TornadoDeviceType.CPU;
  }

  @Override
  public TornadoVMBackendType getTornadoVMBackend() {
    return TornadoVMBackendType.JAVA;
  }

  @Override
  public long getMaxAllocMemory() {
    return Math.min(getMaxGlobalMemory(), 4L * Integer.MAX_VALUE);
  }

  @Override
  public long getDeviceMaxAllocationSize() {
    return getMaxAllocMemory();
  }

  @Override
  public long getMaxGlobalMemory() {
    return Runtime.getRuntime().maxMemory();
  }

  @Override
  public long getDeviceGlobalMemorySize() {
    return getMaxGlobalMemory();
  }

  /// As much as a block has on the smallest GPU backend, so that kernels tested here fit there.
  @Override
  public long getDeviceLocalMemorySize() {
    return LOCAL_BYTES;
  }

  @Override
  public long[] getDeviceMaxWorkgroupDimensions() {
    return new long[] {MAX_GROUP, MAX_GROUP, MAX_GROUP};
  }

  @Override
  public long[] getDeviceMaxWorkGroupSize() {
    return getDeviceMaxWorkgroupDimensions();
  }

  @Override
  public long[] getDeviceMaxWorkItemSizes() {
    return new long[] {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE};
  }

  @Override
  public int getMaxThreadsPerBlock() {
    return MAX_GROUP;
  }

  @Override
  public int getDeviceMaxClockFrequency() {
    return 0;
  }

  @Override
  public long getDeviceMaxConstantBufferSize() {
    return getMaxAllocMemory();
  }

  @Override
  public int getDeviceMaxComputeUnits() {
    return Workers.shared().threads();
  }

  @Override
  public int getAvailableProcessors() {
    return Workers.shared().threads();
  }

  @Override
  public String getDeviceOpenCLCVersion() {
    return "";
  }

  @Override
  public String getDeviceInfo() {
    return getDescription();
  }

  @Override
  public int getBackendIndex() {
    return 0;
  }

  @Override
  public int getDriverIndex() {
    return 0;
  }

  @Override
  public int getDeviceIndex() {
    return 0;
  }

  @Override
  public int getDevicePlatform() {
    return 0;
  }

  @Override
  public boolean isPlatformFPGA() {
    return false;
  }

  @Override
  public boolean isFP64Supported() {
    return true;
  }

  @Override
  public boolean isSPIRVSupported() {
    return false;
  }

  @Override
  public void clean() {}
}
