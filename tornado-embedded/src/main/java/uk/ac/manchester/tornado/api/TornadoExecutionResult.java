package uk.ac.manchester.tornado.api;

/// What an execution leaves behind.
public class TornadoExecutionResult {

  private final TornadoProfilerResult profile;

  TornadoExecutionResult(TornadoProfilerResult profile) {
    this.profile = profile;
  }

  /// @return the times of the execution; all zero without a profiler
  public TornadoProfilerResult getProfilerResult() {
    return profile;
  }

  /// Brings arrays to the host that were to be transferred on demand. Here they are there already.
  ///
  /// @param objects the arrays
  /// @return this
  public TornadoExecutionResult transferToHost(Object... objects) {
    return this;
  }

  /// @return whether the execution is over
  public boolean isReady() {
    return true;
  }
}
