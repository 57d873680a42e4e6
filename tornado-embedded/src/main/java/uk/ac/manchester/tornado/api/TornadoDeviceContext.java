package uk.ac.manchester.tornado.api;

/// What a backend knows of a device in use.
public interface TornadoDeviceContext {

  /// @return the device itself
  TornadoTargetDevice getDevice();

  /// @return whether it is a gate array
  boolean isPlatformFPGA();

  /// @return whether it computes in double precision
  boolean isFP64Supported();

  /// @return the device's index in its backend
  int getDeviceIndex();

  /// @return the index of its platform
  int getDevicePlatform();

  /// @return the device's name
  String getDeviceName();

  /// @return the backend's index
  int getDriverIndex();
}
