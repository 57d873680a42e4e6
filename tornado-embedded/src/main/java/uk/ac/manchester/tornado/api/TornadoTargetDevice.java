package uk.ac.manchester.tornado.api;

/// The physical properties of a device.
public interface TornadoTargetDevice {

  /// @return its name
  String getDeviceName();

  /// @return bytes of memory
  long getDeviceGlobalMemorySize();

  /// @return bytes of memory that a group of threads shares
  long getDeviceLocalMemorySize();

  /// @return multiprocessors or cores
  int getDeviceMaxComputeUnits();

  /// @return the largest grid in x, y, z
  long[] getDeviceMaxWorkItemSizes();

  /// @return the largest group in x, y, z
  long[] getDeviceMaxWorkGroupSize();

  /// @return the largest group
  int getMaxThreadsPerBlock();

  /// @return megahertz; 0 if not known
  int getDeviceMaxClockFrequency();

  /// @return bytes of constant memory
  long getDeviceMaxConstantBufferSize();

  /// @return bytes of the largest array
  long getDeviceMaxAllocationSize();

  /// @return a description
  String getDeviceInfo();
}
