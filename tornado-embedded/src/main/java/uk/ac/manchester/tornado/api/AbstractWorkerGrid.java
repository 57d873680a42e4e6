package uk.ac.manchester.tornado.api;

import org.jspecify.annotations.Nullable;

/// The grids of one to three dimensions, which differ in their constructors only.
public abstract class AbstractWorkerGrid implements WorkerGrid {

  private long[] globalWork;
  private long @Nullable [] localWork;
  private long @Nullable [] groups;
  private long[] globalOffset = {0, 0, 0};

  AbstractWorkerGrid(long x, long y, long z) {
    globalWork = new long[] {x, y, z};
  }

  @Override
  public long[] getGlobalWork() {
    return globalWork;
  }

  @Override
  public long @Nullable [] getLocalWork() {
    return localWork;
  }

  @Override
  public long @Nullable [] getNumberOfWorkgroups() {
    return groups;
  }

  @Override
  public long[] getGlobalOffset() {
    return globalOffset;
  }

  @Override
  public void setGlobalWork(long x, long y, long z) {
    globalWork = new long[] {x, y, z};
  }

  @Override
  public void setLocalWork(long x, long y, long z) {
    localWork = new long[] {x, y, z};
    groups = new long[] {globalWork[0] / x, globalWork[1] / y, globalWork[2] / z};
  }

  @Override
  public void setGlobalOffset(long x, long y, long z) {
    globalOffset = new long[] {x, y, z};
  }

  @Override
  public void setLocalWorkToNull() {
    localWork = null;
  }

  @Override
  public void setNumberOfWorkgroupsToNull() {
    groups = null;
  }
}
