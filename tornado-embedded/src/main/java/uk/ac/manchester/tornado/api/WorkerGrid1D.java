package uk.ac.manchester.tornado.api;

/// A grid of threads in 1 dimension.
public class WorkerGrid1D extends AbstractWorkerGrid {

  /// The number of dimensions.
  public static final int DIM = 1;

  /// @param x threads
  public WorkerGrid1D(int x) {
    super(x, 1, 1);
  }

  @Override
  public int dimension() {
    return DIM;
  }
}
