package dev.sluice.embedded.engine;

import java.util.ArrayDeque;
import java.util.Queue;

/// The copies to local memory that a thread has begun: each is done when its group is waited for.
final class AsyncCopies {
  private final Queue<Runnable> copies = new ArrayDeque<>();

  /// How many of them each group has.
  private final Queue<Integer> groups = new ArrayDeque<>();

  private int open;

  /// Begins one.
  void add(Runnable copy) {
    copies.add(copy);
    open++;
  }

  /// Makes a group of those begun since the last.
  void commit() {
    groups.add(open);
    open = 0;
  }

  /// Forgets all, as a thread that begins does.
  void clear() {
    copies.clear();
    groups.clear();
    open = 0;
  }

  /// Ends all groups but the last `pending`.
  void await(int pending) {
    while (groups.size() > pending) {
      for (int left = groups.remove(); left > 0; left--) {
        copies.remove().run();
      }
    }
  }
}
