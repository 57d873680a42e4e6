package dev.sluice.data;

import java.util.Objects;

/// The first examples of another dataset.
record FirstExamples(Dataset all, long size) implements Dataset {
  FirstExamples {
    if (size < 1) {
      throw new DataException(
          "%s: %d examples asked for; at least 1 is needed".formatted(all.name(), size));
    }
  }

  @Override
  public String name() {
    return all.name();
  }

  @Override
  public String fingerprint() {
    return all.fingerprint() + " first=" + size;
  }

  @Override
  public int vocabulary() {
    return all.vocabulary();
  }

  @Override
  public int length() {
    return all.length();
  }

  @Override
  public void example(long index, int[] ids, int idsOffset, int[] labels, int labelsOffset) {
    all.example(Objects.checkIndex(index, size), ids, idsOffset, labels, labelsOffset);
  }
}
