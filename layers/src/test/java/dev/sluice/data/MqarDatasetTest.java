package dev.sluice.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MqarDatasetTest {
  private static final long SEED = 7;
  private static final int UNTOUCHED = -7;

  private record Example(int[] ids, int[] labels) {
    static Example of(Dataset dataset, long index) {
      int length = dataset.length();
      int[] ids = new int[length + 2];
      int[] labels = new int[length + 3];
      Arrays.fill(ids, UNTOUCHED);
      Arrays.fill(labels, UNTOUCHED);
      dataset.example(index, ids, 1, labels, 2);
      assertEquals(UNTOUCHED, ids[0]);
      assertEquals(UNTOUCHED, ids[length + 1]);
      assertEquals(UNTOUCHED, labels[1]);
      assertEquals(UNTOUCHED, labels[length + 2]);
      return new Example(
          Arrays.copyOfRange(ids, 1, length + 1), Arrays.copyOfRange(labels, 2, length + 2));
    }
  }

  @ParameterizedTest
  @CsvSource({"256,64,4", "8192,64,4", "10,16,4", "11,16,4", "4,4,1", "8192,256,64"})
  void examplesHaveTheDefinedForm(int vocabulary, int length, int pairs) {
    Dataset dataset =
        new MqarDataset(new MqarOptions(vocabulary, length, pairs), SEED, Split.TRAINING);
    for (long index = 0; index < 200; index++) {
      Example example = Example.of(dataset, index);
      Map<Integer, Integer> valueOfKey = new HashMap<>();
      for (int pair = 0; pair < pairs; pair++) {
        int key = example.ids()[2 * pair];
        int value = example.ids()[2 * pair + 1];
        assertTrue(key >= 1 && key < vocabulary / 2);
        assertTrue(value >= vocabulary / 2 && value < vocabulary);
        assertEquals(null, valueOfKey.put(key, value), "keys are different");
        assertEquals(Dataset.IGNORED, example.labels()[2 * pair]);
        assertEquals(Dataset.IGNORED, example.labels()[2 * pair + 1]);
      }
      assertEquals(pairs, new HashSet<>(valueOfKey.values()).size(), "values are different");
      Set<Integer> asked = new HashSet<>();
      for (int position = 2 * pairs; position < length; position++) {
        int id = example.ids()[position];
        int label = example.labels()[position];
        if (label == Dataset.IGNORED) {
          assertEquals(0, id);
        } else {
          assertEquals(0, position % 2);
          assertEquals(valueOfKey.get(id), label);
          asked.add(id);
        }
      }
      assertEquals(valueOfKey.keySet(), asked);
    }
  }

  /// Drawing pair by pair with weight i^(a−1) among the slots that are left: the first pair's slot
  /// has exactly that law, the second's is its average over the first.
  @Test
  void slotsFollowTheWeight() {
    int draws = 40_000;
    int pairs = 2;
    int slots = 10;
    Dataset dataset =
        new MqarDataset(
            new MqarOptions(64, 2 * pairs + 2 * slots, pairs, 0.3, false), SEED, Split.TRAINING);
    double[] weight = new double[slots];
    for (int i = 0; i < slots; i++) {
      weight[i] = Math.pow(i + 1, 0.3 - 1);
    }
    double total = Arrays.stream(weight).sum();
    double[] second = new double[slots];
    for (int first = 0; first < slots; first++) {
      for (int i = 0; i < slots; i++) {
        if (i != first) {
          second[i] += weight[first] / total * weight[i] / (total - weight[first]);
        }
      }
    }
    int[][] counts = new int[pairs][slots];
    for (long index = 0; index < draws; index++) {
      Example example = Example.of(dataset, index);
      for (int pair = 0; pair < pairs; pair++) {
        int position = 2 * pairs;
        while (example.ids()[position] != example.ids()[2 * pair]) {
          position += 2;
        }
        counts[pair][(position - 2 * pairs) / 2]++;
      }
    }
    for (int i = 0; i < slots; i++) {
      assertFrequency(weight[i] / total, counts[0][i], draws);
      assertFrequency(second[i], counts[1][i], draws);
    }
  }

  @Test
  void keysAndValuesAreUniform() {
    int draws = 40_000;
    Dataset dataset = new MqarDataset(new MqarOptions(16, 16, 3), SEED, Split.HELD_OUT);
    int[] counts = new int[16];
    for (long index = 0; index < draws; index++) {
      Example example = Example.of(dataset, index);
      counts[example.ids()[4]]++;
      counts[example.ids()[5]]++;
    }
    assertEquals(0, counts[0]);
    for (int key = 1; key < 8; key++) {
      assertFrequency(1 / 7.0, counts[key], draws);
    }
    for (int value = 8; value < 16; value++) {
      assertFrequency(1 / 8.0, counts[value], draws);
    }
  }

  /// Within five standard errors.
  private static void assertFrequency(double probability, int count, int draws) {
    double deviation = Math.sqrt(draws * probability * (1 - probability));
    assertEquals(draws * probability, count, 5 * deviation);
  }

  @Test
  void exampleIsAFunctionOfSeedSplitAndIndex() {
    MqarOptions options = new MqarOptions(256, 64, 4);
    Dataset dataset = new MqarDataset(options, SEED, Split.TRAINING);
    Example late = Example.of(dataset, 1L << 40);
    Example.of(dataset, 3);
    Example again = Example.of(new MqarDataset(options, SEED, Split.TRAINING), 1L << 40);
    assertArrayEquals(late.ids(), again.ids());
    assertArrayEquals(late.labels(), again.labels());
    assertFalse(Arrays.equals(late.ids(), Example.of(dataset, 0).ids()));
    Dataset heldOut = new MqarDataset(options, SEED, Split.HELD_OUT);
    assertFalse(Arrays.equals(late.ids(), Example.of(heldOut, 1L << 40).ids()));
    assertNotEquals(dataset.fingerprint(), heldOut.fingerprint());
    Dataset other = new MqarDataset(options, SEED + 1, Split.TRAINING);
    assertFalse(Arrays.equals(late.ids(), Example.of(other, 1L << 40).ids()));
    assertNotEquals(dataset.fingerprint(), other.fingerprint());
  }

  /// The numbers of a seed do not change between releases: a resumed run depends on them.
  @Test
  void exampleIsPinned() {
    Example example = Example.of(new MqarDataset(new MqarOptions(16, 12, 2), 1, Split.TRAINING), 0);
    assertArrayEquals(new int[] {7, 9, 1, 10, 0, 0, 1, 0, 7, 0, 0, 0}, example.ids());
    int no = Dataset.IGNORED;
    assertArrayEquals(new int[] {no, no, no, no, no, no, 10, no, 9, no, no, no}, example.labels());
  }

  @Test
  void randomNonQueriesFillTheRest() {
    MqarOptions options = new MqarOptions(64, 64, 4);
    Example plain = Example.of(new MqarDataset(options, SEED, Split.TRAINING), 5);
    MqarOptions filled = new MqarOptions(64, 64, 4, MqarOptions.DEFAULT_POWER, true);
    Example random = Example.of(new MqarDataset(filled, SEED, Split.TRAINING), 5);
    assertArrayEquals(plain.labels(), random.labels());
    int zeros = 0;
    for (int position = 0; position < 64; position++) {
      if (position < 8 || plain.labels()[position] != Dataset.IGNORED) {
        assertEquals(plain.ids()[position], random.ids()[position]);
      } else if (random.ids()[position] == 0) {
        zeros++;
      }
    }
    assertTrue(zeros < 8, "about one in 64 is 0");
  }

  @ParameterizedTest
  @CsvSource({
    "256,63,4,mqar: length 63 must be an even number of at least 4",
    "256,0,1,mqar: length 0 must be an even number of at least 4",
    "256,64,17,'mqar: 17 pairs do not fit into length 64: pairs must be 1 to 16, a quarter of the"
        + " length'",
    "256,64,0,'mqar: 0 pairs do not fit into length 64: pairs must be 1 to 16, a quarter of the"
        + " length'",
    "9,16,4,mqar: vocabulary 9 is too small for 4 different keys and values: at least 10 is needed"
  })
  void refusesWhatDoesNotFit(int vocabulary, int length, int pairs, String message) {
    DataException refused =
        assertThrows(DataException.class, () -> new MqarOptions(vocabulary, length, pairs));
    assertEquals(message, refused.getMessage());
  }

  @Test
  void refusesAPowerThatIsNotPositive() {
    assertThrows(DataException.class, () -> new MqarOptions(256, 64, 4, Double.NaN, false));
    assertThrows(DataException.class, () -> new MqarOptions(256, 64, 4, 0, false));
  }

  @Test
  void firstLimitsTheExamples() {
    Dataset all = new MqarDataset(new MqarOptions(256, 64, 4), SEED, Split.HELD_OUT);
    Dataset first = all.first(3);
    assertEquals(3, first.size());
    assertArrayEquals(Example.of(all, 2).ids(), Example.of(first, 2).ids());
    assertThrows(IndexOutOfBoundsException.class, () -> Example.of(first, 3));
    assertThrows(DataException.class, () -> all.first(0));
    assertEquals(first, first.first(9));
  }
}
