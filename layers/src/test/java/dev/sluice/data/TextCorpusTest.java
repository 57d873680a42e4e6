package dev.sluice.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextCorpusTest {
  private static final String FIRST = "The quick brown fox ";
  private static final String SECOND = "jumps over the lazy dog.\u00e9\n";

  @TempDir Path folder;

  @Test
  void fileFolderAndZipGiveTheSameBytes() throws IOException {
    byte[] expected = (FIRST + SECOND).getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("whole.txt"), expected);
    Path tree = Files.createDirectories(folder.resolve("tree"));
    Files.createDirectories(tree.resolve("a/b"));
    Files.createDirectories(tree.resolve("empty"));
    Files.writeString(tree.resolve("a/b/x"), FIRST);
    Files.writeString(tree.resolve("a.txt"), "");
    Files.writeString(tree.resolve("b"), SECOND);
    Path zip = folder.resolve("packed.bin");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("z"));
      out.write(SECOND.getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("dir/"));
      out.putNextEntry(new ZipEntry("dir/x"));
      out.write(FIRST.getBytes(StandardCharsets.UTF_8));
    }
    String fingerprint = null;
    for (Path input : List.of(file, tree, zip)) {
      TextCorpus corpus = TextCorpus.read(List.of(input));
      assertEquals(expected.length, corpus.size());
      assertEquals(expected.length, corpus.heapBytes());
      TextDataset training = corpus.dataset(Split.TRAINING, 8);
      assertArrayEquals(expected, bytes(training, corpus.dataset(Split.HELD_OUT, 8)));
      assertTrue(fingerprint == null || fingerprint.equals(training.fingerprint()));
      fingerprint = training.fingerprint();
    }
    Files.writeString(tree.resolve("b"), SECOND.replace("lazy", "hazy"));
    assertNotEquals(
        fingerprint, TextCorpus.read(List.of(tree)).dataset(Split.TRAINING, 8).fingerprint());
  }

  /// Windows of 9 bytes do not overlap: the tokens of a window and its last target are all its
  /// bytes.
  private static byte[] bytes(Dataset... splits) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Dataset split : splits) {
      int[] ids = new int[split.length()];
      int[] labels = new int[split.length()];
      for (long index = 0; index < split.size(); index++) {
        Arrays.fill(ids, -7);
        Arrays.fill(labels, -7);
        split.example(index, ids, 0, labels, 0);
        all.write(ids[0]);
        for (int i = 0; i < labels.length; i++) {
          if (labels[i] != Dataset.IGNORED) {
            assertTrue(
                i + 1 == ids.length || labels[i + 1] == Dataset.IGNORED || ids[i + 1] == labels[i]);
            all.write(labels[i]);
          } else {
            assertEquals(split.size() - 1, index, "only the last window is short");
          }
        }
      }
    }
    return all.toByteArray();
  }

  @Test
  void inputsAreReadInPathOrder() throws IOException {
    Path b = Files.writeString(folder.resolve("b"), SECOND);
    Path a = Files.writeString(folder.resolve("a"), FIRST);
    TextCorpus corpus = TextCorpus.read(List.of(b, a));
    assertEquals(
        FIRST + SECOND,
        new String(
            bytes(corpus.dataset(Split.TRAINING, 8), corpus.dataset(Split.HELD_OUT, 8)),
            StandardCharsets.UTF_8));
  }

  @Test
  void theLastTenthIsHeldOut() throws IOException {
    byte[] numbers = new byte[207];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (byte) i;
    }
    TextCorpus corpus = TextCorpus.read(List.of(Files.write(folder.resolve("n"), numbers)));
    Dataset training = corpus.dataset(Split.TRAINING, 10);
    Dataset heldOut = corpus.dataset(Split.HELD_OUT, 10);
    assertEquals(187 / 11, training.size());
    assertEquals(2, heldOut.size());
    int[] ids = new int[10];
    int[] labels = new int[10];
    heldOut.example(0, ids, 0, labels, 0);
    assertEquals(187, ids[0]);
    heldOut.example(1, ids, 0, labels, 0);
    assertArrayEquals(new int[] {198, 199, 200, 201, 202, 203, 204, 205, 0, 0}, ids);
    int no = Dataset.IGNORED;
    assertArrayEquals(new int[] {199, 200, 201, 202, 203, 204, 205, 206, no, no}, labels);
    assertThrows(IndexOutOfBoundsException.class, () -> heldOut.example(2, ids, 0, labels, 0));
  }

  @Test
  void largeFilesAreMapped() throws IOException {
    Path small = Files.writeString(folder.resolve("a"), FIRST);
    Path large = folder.resolve("b");
    byte[] block = new byte[1 << 20];
    Arrays.fill(block, (byte) 'x');
    try (var out = Files.newOutputStream(large)) {
      for (int i = 0; i < 64; i++) {
        out.write(block);
      }
    }
    Path last = Files.writeString(folder.resolve("c"), SECOND);
    TextCorpus corpus = TextCorpus.read(List.of(small, large, last));
    assertEquals(Files.size(small) + Files.size(large) + Files.size(last), corpus.size());
    assertEquals(Files.size(small) + Files.size(last), corpus.heapBytes());
    int[] ids = new int[30];
    int[] labels = new int[30];
    corpus.dataset(Split.TRAINING, 30).example(0, ids, 0, labels, 0);
    assertEquals('T', ids[0]);
    assertEquals(' ', ids[19]);
    assertEquals('x', ids[20]);
    assertEquals('x', labels[29]);
  }

  /// More than one 16 MiB chunk of memory.
  @Test
  void chunksJoin() throws IOException {
    Path file = folder.resolve("big");
    byte[] block = new byte[(1 << 20) + 1];
    try (var out = Files.newOutputStream(file)) {
      for (int i = 0; i < 40; i++) {
        Arrays.fill(block, (byte) i);
        out.write(block);
      }
    }
    TextCorpus corpus = TextCorpus.read(List.of(file));
    Dataset training = corpus.dataset(Split.TRAINING, 1 << 20);
    int[] ids = new int[1 << 20];
    int[] labels = new int[1 << 20];
    for (int index = 0; index < training.size() - 1; index++) {
      training.example(index, ids, 0, labels, 0);
      int value = index;
      assertTrue(Arrays.stream(ids).allMatch(id -> id == value));
      assertTrue(Arrays.stream(labels).allMatch(label -> label == value));
    }
  }

  @Test
  void refusalsNameThePath() throws IOException {
    assertRefused(folder.resolve("absent"), "no such file or folder; check the path");
    Path empty = Files.writeString(folder.resolve("empty"), "");
    assertRefused(empty, "holds no bytes; give a file, folder or zip archive with text");
    assertRefused(
        Files.createDirectory(folder.resolve("d")),
        "holds no bytes; give a file, folder or zip archive with text");
    assertRefused(
        Files.writeString(folder.resolve("short"), "nineteen bytes here"),
        "19 bytes are too few to train on and hold out a tenth; give at least 20");
    Path zip = Files.write(folder.resolve("cut.zip"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0});
    DataException refused = assertThrows(DataException.class, () -> TextCorpus.read(List.of(zip)));
    assertTrue(refused.getMessage().startsWith(zip + ": cannot be read: "), refused.getMessage());
    Path sub = Files.createDirectory(folder.resolve("links"));
    Path dangling = Files.createSymbolicLink(sub.resolve("l"), Path.of("nowhere"));
    assertEquals(
        dangling + ": no such file or folder; check the path",
        assertThrows(DataException.class, () -> TextCorpus.read(List.of(sub))).getMessage());
    assertThrows(DataException.class, () -> TextCorpus.read(List.of()));
    Path good = Files.writeString(folder.resolve("good"), FIRST);
    TextCorpus corpus = TextCorpus.read(List.of(good));
    assertThrows(DataException.class, () -> corpus.dataset(Split.TRAINING, 0));
  }

  @Test
  void unreadableFileIsNamed() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), FIRST);
    Assumptions.assumeTrue(secret.toFile().setReadable(false) && !Files.isReadable(secret));
    assertRefused(secret, "access denied; change its permissions");
  }

  private static void assertRefused(Path path, String message) {
    DataException refused = assertThrows(DataException.class, () -> TextCorpus.read(List.of(path)));
    assertEquals(path + ": " + message, refused.getMessage());
  }
}
