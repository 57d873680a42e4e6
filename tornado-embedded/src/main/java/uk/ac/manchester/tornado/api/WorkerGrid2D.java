package uk.ac.manchester.tornado.api;

/// A grid of threads in 2 dimensions.
public class WorkerGrid2D extends AbstractWorkerGrid {

  /// The number of dimensions.
  public static final int DIM = 2;

  /// @param x threads in x
  /// @param y threads in y
  public WorkerGrid2D(int x, int y) {
    super(x, y, 1);
  }

  @Override
  public int dimension() {
    return DIM;
  }
}
