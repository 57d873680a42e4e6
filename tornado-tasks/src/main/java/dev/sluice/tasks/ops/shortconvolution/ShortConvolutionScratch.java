package dev.sluice.tasks.ops.shortconvolution;

/// Buffers of a thread for [ShortConvolutionHost] and [ShortConvolutionHostBackward], which grow to
/// the largest size asked for and stay.
final class ShortConvolutionScratch {
  private static final ThreadLocal<ShortConvolutionScratch> OF_THREAD =
      ThreadLocal.withInitial(ShortConvolutionScratch::new);

  private float[] edge = {};
  private float[] gradients = {};

  private ShortConvolutionScratch() {}

  /// Room for a window; contents undefined.
  static float[] edge(int size) {
    ShortConvolutionScratch own = OF_THREAD.get();
    if (own.edge.length < size) {
      own.edge = new float[size];
    }
    return own.edge;
  }

  /// Room for the gradients of some rows; contents undefined.
  static float[] gradients(int size) {
    ShortConvolutionScratch own = OF_THREAD.get();
    if (own.gradients.length < size) {
      own.gradients = new float[size];
    }
    return own.gradients;
  }
}
