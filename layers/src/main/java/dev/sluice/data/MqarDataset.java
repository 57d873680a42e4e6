package dev.sluice.data;

import dev.sluice.tasks.random.RandomStream;
import java.util.Arrays;
import java.util.Objects;

/// Multi-query associative recall (Arora and others: "Zoology: measuring and improving recall in
/// efficient language models", 2023): an example states key–value pairs and later repeats each key;
/// the model answers with its value.
///
/// The first 2·pairs tokens are k₁ v₁ k₂ v₂ …. The rest is (T−2·pairs)/2 slots of two tokens. Each
/// pair is given a slot, without replacement, slot i = 1, 2, … with weight i^(a−1); its key stands
/// at position 2·pairs + 2(i−1), and the label at that position is its value. The value itself is
/// not inserted, and all other labels are ignored.
///
/// There is no end of examples. Each is a function of seed, split and index.
public final class MqarDataset implements Dataset {
  private static final int TRAINING_PURPOSE = 0x4D510001;
  private static final int HELD_OUT_PURPOSE = 0x4D510002;

  private final MqarOptions options;
  private final long seed;
  private final int purpose;

  /// `cumulative[i]` is the probability of one of the slots 0 … i.
  private final double[] cumulative;

  /// The examples of one split under one seed.
  public MqarDataset(MqarOptions options, long seed, Split split) {
    this.options = options;
    this.seed = seed;
    this.purpose =
        switch (split) {
          case TRAINING -> TRAINING_PURPOSE;
          case HELD_OUT -> HELD_OUT_PURPOSE;
        };
    this.cumulative = cumulative((options.length() - 2 * options.pairs()) / 2, options.power());
  }

  @Override
  public String name() {
    return "mqar";
  }

  @Override
  public String fingerprint() {
    return "mqar vocabulary=%d length=%d pairs=%d power=%s random=%b seed=%d purpose=%d"
        .formatted(
            options.vocabulary(),
            options.length(),
            options.pairs(),
            options.power(),
            options.randomNonQueries(),
            seed,
            purpose & 3);
  }

  @Override
  public int vocabulary() {
    return options.vocabulary();
  }

  @Override
  public int length() {
    return options.length();
  }

  @Override
  public long size() {
    return Long.MAX_VALUE;
  }

  @Override
  public void example(long index, int[] ids, int idsOffset, int[] labels, int labelsOffset) {
    Objects.checkIndex(index, Long.MAX_VALUE);
    int pairs = options.pairs();
    int firstValue = options.vocabulary() / 2;
    RandomStream random = new RandomStream(seed, purpose, index);
    int[] keys = distinct(random, pairs, firstValue - 1);
    int[] values = distinct(random, pairs, options.vocabulary() - firstValue);
    int[] slots = slots(random, pairs);

    Arrays.fill(ids, idsOffset, idsOffset + options.length(), 0);
    Arrays.fill(labels, labelsOffset, labelsOffset + options.length(), IGNORED);
    for (int pair = 0; pair < pairs; pair++) {
      int key = 1 + keys[pair];
      int value = firstValue + values[pair];
      int query = 2 * pairs + 2 * slots[pair];
      ids[idsOffset + 2 * pair] = key;
      ids[idsOffset + 2 * pair + 1] = value;
      ids[idsOffset + query] = key;
      labels[labelsOffset + query] = value;
    }
    if (options.randomNonQueries()) {
      for (int position = 2 * pairs; position < options.length(); position++) {
        int token = random.below(options.vocabulary());
        if (labels[labelsOffset + position] == IGNORED) {
          ids[idsOffset + position] = token;
        }
      }
    }
  }

  /// Draws `count` different numbers below `bound`, in random order.
  private static int[] distinct(RandomStream random, int count, int bound) {
    int[] drawn = new int[count];
    boolean[] taken = new boolean[bound];
    for (int i = 0; i < count; i++) {
      int candidate = random.below(bound);
      while (taken[candidate]) {
        candidate = random.below(bound);
      }
      taken[candidate] = true;
      drawn[i] = candidate;
    }
    return drawn;
  }

  /// Draws `count` different slots one after the other, each with its weight among those that are
  /// left.
  private int[] slots(RandomStream random, int count) {
    int[] drawn = new int[count];
    boolean[] taken = new boolean[cumulative.length];
    for (int i = 0; i < count; i++) {
      int candidate = slot(random.uniform());
      while (taken[candidate]) {
        candidate = slot(random.uniform());
      }
      taken[candidate] = true;
      drawn[i] = candidate;
    }
    return drawn;
  }

  /// The first slot whose cumulative probability is above `uniform`.
  private int slot(double uniform) {
    int found = Arrays.binarySearch(cumulative, uniform);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /// `StrictMath`, so that every machine draws the same slots.
  private static double[] cumulative(int slots, double power) {
    double[] sums = new double[slots];
    double total = 0;
    for (int i = 0; i < slots; i++) {
      total += StrictMath.pow(i + 1, power - 1);
      sums[i] = total;
    }
    for (int i = 0; i < slots - 1; i++) {
      sums[i] /= total;
    }
    sums[slots - 1] = 1;
    return sums;
  }
}
