package uk.ac.manchester.tornado.api.common;

import uk.ac.manchester.tornado.api.TornadoDeviceContext;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/// A device that runs task graphs.
public interface TornadoDevice {

  /// @return its name
  String getDeviceName();

  /// @return a description for people
  String getDescription();

  /// @return the platform's name
  String getPlatformName();

  /// @return what the backend knows of it
  TornadoDeviceContext getDeviceContext();

  /// @return its physical properties
  TornadoTargetDevice getPhysicalDevice();

  /// @return its kind
  TornadoDeviceType getDeviceType();

  /// @return bytes of the largest array
  long getMaxAllocMemory();

  /// @return bytes of memory
  long getMaxGlobalMemory();

  /// @return bytes of memory that a group of threads shares
  long getDeviceLocalMemorySize();

  /// @return the largest group in x, y, z
  long[] getDeviceMaxWorkgroupDimensions();

  /// @return the OpenCL C version, if it has one
  String getDeviceOpenCLCVersion();

  /// @return a description of the physical device
  Object getDeviceInfo();

  /// @return the backend's index
  int getBackendIndex();

  /// @return multiprocessors or cores
  int getAvailableProcessors();

  /// @return the kind of backend
  TornadoVMBackendType getTornadoVMBackend();

  /// @return whether it takes SPIR-V
  boolean isSPIRVSupported();

  /// Frees what the device holds.
  void clean();
}
