package dev.sluice.tasks.device;

/// Who compiles and runs the tasks.
public enum Backend {
  /// The embedded runtime: the JVM itself.
  JVM,
  /// TornadoVM's OpenCL backend.
  OPENCL,
  /// TornadoVM's PTX backend.
  PTX,
  /// TornadoVM's CUDA backend.
  CUDA,
  /// TornadoVM's SPIR-V backend.
  SPIRV
}
