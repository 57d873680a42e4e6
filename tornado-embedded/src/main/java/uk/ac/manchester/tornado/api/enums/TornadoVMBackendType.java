package uk.ac.manchester.tornado.api.enums;

/// Ways from a kernel to a device; the embedded runtime is `JAVA`.
public enum TornadoVMBackendType {
  /// OpenCL C.
  OPENCL,
  /// Metal shading language.
  METAL,
  /// PTX assembly.
  PTX,
  /// CUDA C.
  CUDA,
  /// SPIR-V.
  SPIRV,
  /// The JVM itself.
  JAVA,
  /// No device: code is generated and not run.
  VIRTUAL
}
