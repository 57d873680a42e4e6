package dev.sluice.tasks.host;

import dev.sluice.embedded.HostTask;
import dev.sluice.embedded.Workers;
import java.util.function.IntConsumer;

/// A task over `0 … n−1` in blocks whose bounds depend on sizes only. It is made once, when a graph
/// is built; running it allocates nothing. Works without the Vector API.
public final class BlockTask implements HostTask, IntConsumer {
  /// Elements of a block: three arrays of it fit a second-level cache.
  private static final int ELEMENTS = 1 << 14;

  private final int n;
  private final int block;
  private final Body body;

  /// What to do with the elements, or rows, `from … to−1`.
  @FunctionalInterface
  public interface Body {
    /// Does it.
    void run(int from, int to);
  }

  private BlockTask(int n, int block, Body body) {
    this.n = n;
    this.block = block;
    this.body = body;
  }

  /// A task over single elements.
  ///
  /// @param n how many
  /// @param body called once for each block
  public static BlockTask elements(int n, Body body) {
    return new BlockTask(n, ELEMENTS, body);
  }

  /// A task over rows; a block is of as many as have some thousand elements.
  ///
  /// @param rows how many
  /// @param width elements of a row
  /// @param body called once for each block of rows
  public static BlockTask rows(int rows, int width, Body body) {
    return new BlockTask(rows, Math.max(1, ELEMENTS / Math.max(1, width)), body);
  }

  /// A task over blocks of a given size.
  ///
  /// @param n how many elements, or rows
  /// @param block how many make a block
  /// @param body called once for each block
  public static BlockTask blocks(int n, int block, Body body) {
    return new BlockTask(n, block, body);
  }

  @Override
  public void run(Workers workers) {
    if (n <= block) {
      if (n > 0) {
        body.run(0, n);
      }
    } else {
      workers.run(Math.ceilDiv(n, block), this);
    }
  }

  @Override
  public void accept(int part) {
    body.run(part * block, Math.min(n, (part + 1) * block));
  }
}
