package dev.sluice.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class BatchSourceTest {
  private static final int NONE = Dataset.IGNORED;

  /// Example i is two tokens `i, 100+i`, of which only the first has a label.
  private record Numbers(long size) implements Dataset {
    @Override
    public String name() {
      return "numbers";
    }

    @Override
    public String fingerprint() {
      return "numbers" + size;
    }

    @Override
    public int vocabulary() {
      return 200;
    }

    @Override
    public int length() {
      return 2;
    }

    @Override
    public void example(long index, int[] ids, int idsOffset, int[] labels, int labelsOffset) {
      ids[idsOffset] = (int) index;
      ids[idsOffset + 1] = 100 + (int) index;
      labels[labelsOffset] = 50 + (int) index;
      labels[labelsOffset + 1] = IGNORED;
    }
  }

  @Test
  void orderedReadsOnceAndFillsUp() {
    BatchSource source = BatchSource.ordered(new Numbers(3), 2);
    int[] ids = new int[4];
    int[] labels = new int[4];
    assertEquals(2, source.next(ids, labels));
    assertArrayEquals(new int[] {0, 100, 1, 101}, ids);
    assertArrayEquals(new int[] {50, NONE, 51, NONE}, labels);
    assertTrue(source.hasNext());
    assertEquals(1, source.next(ids, labels));
    assertArrayEquals(new int[] {2, 102, 0, 0}, ids);
    assertArrayEquals(new int[] {52, NONE, NONE, NONE}, labels);
    assertFalse(source.hasNext());
    assertThrows(NoSuchElementException.class, () -> source.next(ids, labels));
    source.seek(0);
    assertTrue(source.hasNext());
  }

  @Test
  void everyEpochGivesEveryExampleInAnotherOrder() {
    List<Integer> read = read(BatchSource.shuffled(new Numbers(7), 3, 1), 7);
    List<Integer> first = read.subList(0, 7);
    List<Integer> second = read.subList(7, 14);
    assertEquals(7, new HashSet<>(first).size());
    assertEquals(7, new HashSet<>(second).size());
    assertNotEquals(first, second);
    assertNotEquals(read, read(BatchSource.shuffled(new Numbers(7), 3, 2), 7));
  }

  @Test
  void seekGoesOnWithTheSameExamples() {
    BatchSource whole = BatchSource.shuffled(new Numbers(7), 3, 1);
    List<Integer> before = read(whole, 3);
    assertEquals(9, whole.position());
    assertEquals(1, whole.epoch());
    List<Integer> after = read(whole, 4);
    BatchSource resumed = BatchSource.shuffled(new Numbers(7), 3, 1);
    resumed.seek(9);
    assertEquals(after, read(resumed, 4));
    resumed.seek(0);
    assertEquals(before, read(resumed, 3));
  }

  @Test
  void endlessDatasetsAreReadInOrder() {
    assertEquals(
        List.of(0, 1, 2, 3), read(BatchSource.shuffled(new Numbers(Long.MAX_VALUE), 2, 1), 2));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThrows(DataException.class, () -> BatchSource.ordered(new Numbers(3), 0));
    BatchSource source = BatchSource.ordered(new Numbers(3), 2);
    assertThrows(DataException.class, () -> source.seek(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> source.next(new int[3], new int[4]));
    assertThrows(IndexOutOfBoundsException.class, () -> source.next(new int[4], new int[3]));
  }

  private static List<Integer> read(BatchSource source, int batches) {
    List<Integer> numbers = new ArrayList<>();
    int[] ids = new int[2 * source.batch()];
    int[] labels = new int[2 * source.batch()];
    for (int i = 0; i < batches; i++) {
      Arrays.fill(ids, -7);
      assertEquals(source.batch(), source.next(ids, labels));
      for (int row = 0; row < source.batch(); row++) {
        assertEquals(100 + ids[2 * row], ids[2 * row + 1]);
        numbers.add(ids[2 * row]);
      }
    }
    return numbers;
  }
}
