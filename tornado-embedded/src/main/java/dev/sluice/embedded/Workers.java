package dev.sluice.embedded;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A fixed set of threads that share numbered parts of a job; the caller takes part.
///
/// Each thread first takes the parts of its own range, the same fraction of every job, and then
/// helps others: what one job wrote, most often the next one reads on the same core. To read or
/// write over what another core has written takes twice as long where caches are not shared, and
/// ten times as long while it still lies in that core's own.
///
/// Threads wait by a brief spin, then park. A part is claimed from a counter of its range that
/// holds the job's number and how many parts are left, so that a late thread can never take a part
/// of another job. What a thread has done is counted once, when it finds no more. Nothing is
/// allocated by [#run].
public final class Workers {

  /// The system property that sets the number of threads of [#shared].
  public static final String THREADS_PROPERTY = "sluice.threads";

  /// About 20 µs: more than what one thread does alone between the jobs of a generated token. A
  /// thread that has to be woken comes too late for jobs as short.
  private static final int SPINS = 1000;

  /// A thread claims so much of what its range has left at once. Each claim waits until all that
  /// the thread has written is in its cache, and a part is a microsecond or two.
  private static final int SHARE = 8;

  /// Keeps the counters of ranges on lines of their own.
  private static final int APART = 16;

  private static final ConcurrentHashMap<Integer, Workers> POOLS = new ConcurrentHashMap<>();

  private final int threads;
  private final Worker[] helpers;
  private final ReentrantLock turn = new ReentrantLock();

  /// A number for each thread's range, [#APART] from each other. Upper half: the job's number.
  /// Lower half: parts of the range not yet claimed.
  private final AtomicLongArray claims;

  private final AtomicInteger unfinished = new AtomicInteger();
  private long jobs;
  private int parts;
  private @Nullable IntConsumer part;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Thread waiting;

  private Workers(int threads) {
    this.threads = threads;
    claims = new AtomicLongArray(threads * APART);
    helpers = new Worker[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Worker(i + 1);
      helpers[i].start();
    }
  }

  /// The pool that graphs run on, of `sluice.threads` threads, or as many as there are processors.
  ///
  /// @return the one pool
  /// @throws IllegalArgumentException if the property is no positive number
  public static Workers shared() {
    return Shared.POOL;
  }

  /// @param threads how many threads, the caller among them
  /// @return the pool of that size, the same at every call
  /// @throws IllegalArgumentException if it is not positive
  public static Workers of(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("A pool needs at least 1 thread, not " + threads);
    }
    return POOLS.computeIfAbsent(threads, Workers::new);
  }

  /// @return how many threads take part in a job, the caller among them
  public int threads() {
    return threads;
  }

  /// Calls `part` once with each of `0 … parts-1` and returns when all have returned.
  ///
  /// Runs on the calling thread alone if called from within a part, or while another thread uses
  /// the pool. If a part throws, parts not yet begun are left out.
  ///
  /// @param parts how many parts; about four a thread even out well
  /// @param part what to do for a part
  /// @throws RuntimeException what the first failing part threw
  public void run(int parts, IntConsumer part) {
    if (parts <= 1
        || threads == 1
        || turn.isHeldByCurrentThread()
        || isHelper()
        || !turn.tryLock()) {
      for (int i = 0; i < parts; i++) {
        part.accept(i);
      }
      return;
    }
    try {
      share(parts, part);
    } finally {
      turn.unlock();
    }
  }

  /// Runs `work` with the calling thread alone: what it shares out by [#run] is not shared.
  ///
  /// @param work what to do
  public void alone(Runnable work) {
    turn.lock();
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  /// Whether the calling thread has [#run] to itself, by [#alone] or as the only thread.
  public boolean isAlone() {
    return threads == 1 || turn.isHeldByCurrentThread();
  }

  private boolean isHelper() {
    return Thread.currentThread() instanceof Worker worker && worker.pool() == this;
  }

  private void share(int count, IntConsumer job) {
    parts = count;
    part = job;
    failure = null;
    unfinished.set(count);
    jobs++;
    for (int t = 0; t < threads; t++) {
      claims.set(t * APART, jobs << 32 | (first(t + 1) - first(t)));
    }
    int wanted = Math.min(count - 1, helpers.length);
    for (int i = 0; i < wanted; i++) {
      helpers[i].wake();
    }
    work(0);
    await();
    part = null;
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      rethrow(thrown);
    }
  }

  private static void rethrow(Throwable thrown) {
    switch (thrown) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException("A part failed", thrown);
    }
  }

  private void await() {
    for (int i = 0; i < SPINS; i++) {
      if (unfinished.get() == 0) {
        return;
      }
      Thread.onSpinWait();
    }
    waiting = Thread.currentThread();
    while (unfinished.get() != 0) {
      LockSupport.park(this);
    }
    waiting = null;
  }

  /// The first part of a thread's range.
  private int first(int thread) {
    return (int) ((long) parts * thread / threads);
  }

  /// Claims and runs parts until none is left, those of one thread's range first.
  private void work(int thread) {
    int done = 0;
    for (int i = 0; i < threads; i++) {
      int range = (thread + i) % threads;
      int left;
      do {
        long seen = claims.get(range * APART);
        left = (int) seen;
        int taken = i == 0 ? Math.max(1, left / SHARE) : 1;
        if (left > 0 && claims.compareAndSet(range * APART, seen, seen - taken)) {
          // The job cannot end before these parts have, so its fields are stable from here on.
          for (int k = 0; k < taken; k++) {
            runPart(first(range + 1) - left + k);
          }
          done += taken;
        }
      } while (left > 0);
    }
    finish(done);
  }

  private void finish(int done) {
    if (done > 0 && unfinished.addAndGet(-done) == 0) {
      Thread caller = waiting;
      if (caller != null) {
        LockSupport.unpark(caller);
      }
    }
  }

  private boolean partsLeft() {
    for (int t = 0; t < threads; t++) {
      if ((int) claims.get(t * APART) != 0) {
        return true;
      }
    }
    return false;
  }

  private void runPart(int index) {
    try {
      IntConsumer job = part;
      if (failure == null && job != null) {
        job.accept(index);
      }
    } catch (Throwable t) {
      if (failure == null) {
        failure = t;
      }
    }
  }

  private static final class Shared {
    private static final Workers POOL = of(size(System.getProperty(THREADS_PROPERTY)));

    private static int size(@Nullable String property) {
      if (property == null) {
        return Runtime.getRuntime().availableProcessors();
      }
      try {
        return Integer.parseInt(property);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            THREADS_PROPERTY + " must be a number of threads, not \"" + property + "\"", e);
      }
    }
  }

  private final class Worker extends Thread {

    private final int index;
    private volatile boolean parked;

    Worker(int index) {
      super("sluice-worker-" + index);
      this.index = index;
      setDaemon(true);
    }

    Workers pool() {
      return Workers.this;
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      while (true) {
        for (int i = 0; i < SPINS; i++) {
          if (partsLeft()) {
            work(index);
            i = 0;
          }
          Thread.onSpinWait();
        }
        parked = true;
        if (!partsLeft()) {
          LockSupport.park(this);
        }
        parked = false;
      }
    }
  }
}
