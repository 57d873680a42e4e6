package dev.sluice.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkersTest {

  private static final Workers FOUR = Workers.of(4);

  @Test
  void runsEachPartOnce() {
    for (int parts : new int[] {0, 1, 2, 3, 4, 5, 100}) {
      for (int round = 0; round < 200; round++) {
        AtomicIntegerArray calls = new AtomicIntegerArray(parts + 1);
        FOUR.run(parts, calls::incrementAndGet);
        for (int i = 0; i < parts; i++) {
          assertEquals(1, calls.get(i), "part " + i + " of " + parts);
        }
      }
    }
  }

  /// Once, by a pool that has done nothing yet: a thread that still looks for parts of the job
  /// before may take any.
  @Test
  void eachThreadBeginsWithItsOwnRange() {
    CountDownLatch begun = new CountDownLatch(3);
    Map<Thread, Integer> first = new ConcurrentHashMap<>();
    Workers.of(3)
        .run(
            9,
            part -> {
              if (first.putIfAbsent(Thread.currentThread(), part) == null) {
                begun.countDown();
                await(begun);
              }
            });
    assertEquals(0, first.get(Thread.currentThread()));
    assertEquals(Set.of(0, 3, 6), Set.copyOf(first.values()));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void runsANestedJobInline() {
    AtomicInteger calls = new AtomicInteger();
    FOUR.run(
        8,
        outer -> {
          Thread caller = Thread.currentThread();
          FOUR.run(
              8,
              inner -> {
                assertSame(caller, Thread.currentThread());
                calls.incrementAndGet();
              });
        });
    assertEquals(64, calls.get());
  }

  @Test
  void sharesNothingOutAlone() {
    AtomicInteger calls = new AtomicInteger();
    Thread caller = Thread.currentThread();
    FOUR.alone(() ->
        FOUR.run(
            100,
            part -> {
              assertSame(caller, Thread.currentThread());
              assertTrue(FOUR.isAlone());
              calls.incrementAndGet();
            }));
    assertEquals(100, calls.get());
    assertFalse(FOUR.isAlone());
  }

  @Test
  void rethrowsAndWorksOn() {
    for (int round = 0; round < 100; round++) {
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  FOUR.run(
                      16,
                      part -> {
                        if (part == 7) {
                          throw new IllegalStateException("part 7");
                        }
                      }));
      assertEquals("part 7", thrown.getMessage());
      AtomicInteger calls = new AtomicInteger();
      FOUR.run(16, part -> calls.incrementAndGet());
      assertEquals(16, calls.get());
    }
  }

  @Test
  void serializesJobsOfSeveralThreads() throws InterruptedException {
    AtomicInteger sum = new AtomicInteger();
    Thread[] callers = new Thread[4];
    for (int i = 0; i < callers.length; i++) {
      callers[i] =
          new Thread(() -> {
            for (int round = 0; round < 500; round++) {
              FOUR.run(10, sum::addAndGet);
            }
          });
      callers[i].start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertEquals(4 * 500 * 45, sum.get());
  }

  @Test
  void refusesAnEmptyPool() {
    assertThrows(IllegalArgumentException.class, () -> Workers.of(0));
  }
}
