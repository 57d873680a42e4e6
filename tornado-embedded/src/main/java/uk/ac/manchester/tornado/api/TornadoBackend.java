package uk.ac.manchester.tornado.api;

import java.util.List;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/// A way to devices, and the devices it finds.
public interface TornadoBackend {

  /// @return the device used if none is named
  TornadoDevice getDefaultDevice();

  /// @param index the device used if none is named
  void setDefaultDevice(int index);

  /// @return how many devices
  int getNumDevices();

  /// @param index which device
  /// @return the device
  TornadoDevice getDevice(int index);

  /// @return every device
  List<TornadoDevice> getAllDevices();

  /// @return the kind of the default device
  TornadoDeviceType getTypeDefaultDevice();

  /// @return the backend's name
  String getName();

  /// @return how many platforms
  int getNumPlatforms();

  /// @return the kind of backend
  TornadoVMBackendType getBackendType();
}
