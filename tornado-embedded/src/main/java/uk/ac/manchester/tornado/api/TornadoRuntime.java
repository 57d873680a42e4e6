package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/// The runtime and its backends.
public interface TornadoRuntime {

  /// @param index which backend
  /// @return the backend
  TornadoBackend getBackend(int index);

  /// @param index the backend used if none is named
  void setDefaultBackend(int index);

  /// @param index which backend
  /// @return its kind
  TornadoVMBackendType getBackendType(int index);

  /// @return how many backends
  int getNumBackends();

  /// @return the device used if none is named
  TornadoDevice getDefaultDevice();

  /// @return whether every plan is profiled
  boolean isProfilerEnabled();
}
