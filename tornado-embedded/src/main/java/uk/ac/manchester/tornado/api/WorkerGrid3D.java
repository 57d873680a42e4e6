package uk.ac.manchester.tornado.api;

/// A grid of threads in 3 dimensions.
public class WorkerGrid3D extends AbstractWorkerGrid {

  /// The number of dimensions.
  public static final int DIM = 3;

  /// @param x threads in x
  /// @param y threads in y
  /// @param z threads in z
  public WorkerGrid3D(int x, int y, int z) {
    super(x, y, z);
  }

  @Override
  public int dimension() {
    return DIM;
  }
}
