package uk.ac.manchester.tornado.api;

import dev.sluice.embedded.engine.Profile;

/// Times of an execution in nanoseconds; all zero without a profiler.
public class TornadoProfilerResult {

  private final Profile profile;

  TornadoProfilerResult(Profile profile) {
    this.profile = profile;
  }

  /// @return from start to end
  public long getTotalTime() {
    return profile.total();
  }

  /// @return spent preparing kernels
  public long getCompileTime() {
    return profile.compile();
  }

  /// @return spent preparing kernels
  public long getTornadoCompilerTime() {
    return profile.compile();
  }

  /// @return zero: there is no driver
  public long getDriverInstallTime() {
    return 0;
  }

  /// @return zero: host and device share memory
  public long getDataTransfersTime() {
    return 0;
  }

  /// @return zero: host and device share memory
  public long getDeviceWriteTime() {
    return 0;
  }

  /// @return zero: host and device share memory
  public long getDeviceReadTime() {
    return 0;
  }

  /// @return zero: host and device share memory
  public long getDataTransferDispatchTime() {
    return 0;
  }

  /// @return zero: a kernel is a call
  public long getKernelDispatchTime() {
    return 0;
  }

  /// @return the sum of the times of all tasks
  public long getDeviceKernelTime() {
    return profile.kernels();
  }

  /// @return zero: host and device share memory
  public long getTotalBytesCopyIn() {
    return 0;
  }

  /// @return zero: host and device share memory
  public long getTotalBytesCopyOut() {
    return 0;
  }

  /// @return zero: host and device share memory
  public long getTotalBytesTransferred() {
    return 0;
  }

  /// @return bytes of the arrays that the plan holds
  public long getTotalDeviceMemoryUsage() {
    return profile.bytes();
  }

  /// @return the times of each task as JSON, `{"graph": {"TOTAL_KERNEL_TIME": …, "graph.task":
  ///   {"TASK_KERNEL_TIME": …}}}`; empty without a profiler
  public String getProfileLog() {
    return profile.json();
  }
}
