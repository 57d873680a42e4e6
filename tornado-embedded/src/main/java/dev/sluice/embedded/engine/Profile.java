package dev.sluice.embedded.engine;

/// Times of one execution in nanoseconds.
///
/// @param total from start to end
/// @param compile spent preparing kernels
/// @param kernels the sum over all tasks
/// @param bytes held on the device
/// @param json the times of each task; empty if none were taken
public record Profile(long total, long compile, long kernels, long bytes, String json) {

  static final Profile OFF = new Profile(0, 0, 0, 0, "");
}
