package dev.sluice.embedded.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;

/// The variables of a thread that waits for others: a stack of words and one of references.
///
/// A kernel that can be suspended puts its variables here, innermost method first, and returns;
/// called again, each method takes its own back. Public for the sake of the classes made at run
/// time that do so.
public abstract class Suspension extends KernelContext {

  private long[] words = new long[32];
  private @Nullable Object[] references = new @Nullable Object[16];
  private int wordCount;
  private int referenceCount;

  /// Which places in the kernel's methods the thread waits at, as one number.
  private int place;

  private boolean suspended;
  private boolean resuming;

  Suspension() {}

  /// @return whether the thread waits: the method that called must save its variables and return
  public final boolean suspended() {
    return suspended;
  }

  /// @return whether the thread goes on from where it waited: the method must take its variables
  ///   back
  public final boolean resuming() {
    return resuming;
  }

  final void begin() {
    wordCount = 0;
    referenceCount = 0;
    suspended = false;
    resuming = false;
  }

  final void resume() {
    suspended = false;
    resuming = true;
  }

  /// @return true the second time, when the thread goes on; false the first time, when it is to
  ///   wait
  final boolean passes() {
    if (resuming) {
      resuming = false;
      return true;
    }
    suspended = true;
    place = 0;
    return false;
  }

  final int place() {
    return place;
  }

  /// @param value saved
  /// @param to the thread
  public static void save(int value, Suspension to) {
    to.push(value);
  }

  /// @param value saved
  /// @param to the thread
  public static void save(float value, Suspension to) {
    to.push(Float.floatToRawIntBits(value));
  }

  /// @param value saved
  /// @param to the thread
  public static void save(long value, Suspension to) {
    to.push(value);
  }

  /// @param value saved
  /// @param to the thread
  public static void save(double value, Suspension to) {
    to.push(Double.doubleToRawLongBits(value));
  }

  /// @param value saved
  /// @param to the thread
  public static void save(@Nullable Object value, Suspension to) {
    if (to.referenceCount == to.references.length) {
      to.references = Arrays.copyOf(to.references, 2 * to.referenceCount);
    }
    to.references[to.referenceCount++] = value;
  }

  private void push(long word) {
    if (wordCount == words.length) {
      words = Arrays.copyOf(words, 2 * wordCount);
    }
    words[wordCount++] = word;
  }

  /// @param index which of a method's places it waits at
  public final void savePlace(int index) {
    place = 31 * place + index + 1;
    push(index);
  }

  /// @return what was saved last
  public final int takeInt() {
    return (int) words[--wordCount];
  }

  /// @return what was saved last
  public final float takeFloat() {
    return Float.intBitsToFloat(takeInt());
  }

  /// @return what was saved last
  public final long takeLong() {
    return words[--wordCount];
  }

  /// @return what was saved last
  public final double takeDouble() {
    return Double.longBitsToDouble(words[--wordCount]);
  }

  /// @return what was saved last
  public final @Nullable Object takeReference() {
    Object value = references[--referenceCount];
    references[referenceCount] = null;
    return value;
  }
}
