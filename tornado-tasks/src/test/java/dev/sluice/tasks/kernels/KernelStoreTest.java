package dev.sluice.tasks.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import uk.ac.manchester.tornado.api.common.Access;

/// What is kept comes back as it was, or not at all.
final class KernelStoreTest {
  private static final CompiledKernel KERNEL =
      new CompiledKernel(
          "forward",
          List.of(Access.NONE, Access.READ_ONLY, Access.READ_WRITE),
          List.of(4096, 7),
          "__global__ void forward() {\n\n  // 100 %\r\n}\n");

  private static final CompiledKernel PLAIN = new CompiledKernel("k", List.of(), List.of(), "");

  @TempDir private Path folder;

  @Test
  void aKernelComesBackInAnotherRun() {
    assertTrue(store().write("a", KERNEL));
    assertTrue(store().write("b", PLAIN));
    assertEquals(Optional.of(KERNEL), store().read("a"));
    assertEquals(Optional.of(PLAIN), store().read("b"));
    assertEquals(Optional.empty(), store().read("c"));
  }

  @Test
  void nothingBesideIsLeft() throws IOException {
    store().write("a", KERNEL);
    store().write("a", PLAIN);
    try (Stream<Path> files = Files.list(folder.resolve("kernels"))) {
      assertEquals(List.of(file("a")), files.toList());
    }
    assertEquals(Optional.of(PLAIN), store().read("a"));
  }

  @Test
  void aChangedOrShortenedFileCountsAsNotThere() throws IOException {
    store().write("a", KERNEL);
    String text = Files.readString(file("a"));
    for (int length = 0; length < text.length(); length++) {
      Files.writeString(file("a"), text.substring(0, length));
      assertEquals(Optional.empty(), store().read("a"), "of length " + length);
    }
    Files.writeString(file("a"), text.replace("4096", "4097"));
    assertEquals(Optional.empty(), store().read("a"));
    Files.writeString(file("a"), text.replace("sluice-kernel 1", "sluice-kernel 0"));
    assertEquals(Optional.empty(), store().read("a"));
    Files.write(file("a"), new byte[] {(byte) 0xC3, 0, (byte) 0xFF});
    assertEquals(Optional.empty(), store().read("a"));
    store().write("a", KERNEL);
    assertEquals(Optional.of(KERNEL), store().read("a"));
  }

  @Test
  void aFolderThatCannotBeMadeKeepsNothing() throws IOException {
    Path occupied = Files.writeString(folder.resolve("occupied"), "");
    assertFalse(new KernelStore(occupied).write("a", KERNEL));
    assertEquals(Optional.empty(), new KernelStore(occupied).read("a"));
  }

  @Test
  void whatWasNotUsedForLongGoesWhenSomethingIsWritten() throws IOException {
    store().write("old", KERNEL);
    store().write("used", KERNEL);
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(31)));
    Files.setLastModifiedTime(file("old"), old);
    Files.setLastModifiedTime(file("used"), old);
    store().read("used");
    store().write("new", PLAIN);
    assertFalse(Files.exists(file("old")));
    assertTrue(Files.exists(file("used")));
  }

  @Test
  void theFolderIsTheUsersForCaches() {
    Path home = Path.of("/home/x/.cache/sluice/kernels").toAbsolutePath();
    assertEquals(Optional.of(home), KernelStore.folder(Map.of(), "/home/x"));
    assertEquals(
        Optional.of(home), KernelStore.folder(Map.of("XDG_CACHE_HOME", "relative"), "/home/x"));
    assertEquals(
        Optional.of(Path.of("/caches/sluice/kernels")),
        KernelStore.folder(Map.of("XDG_CACHE_HOME", "/caches"), "/home/x"));
    assertEquals(
        Optional.of(Path.of("/mine")),
        KernelStore.folder(Map.of("SLUICE_KERNEL_CACHE", "/mine", "XDG_CACHE_HOME", "/c"), "/h"));
    assertEquals(
        Optional.empty(), KernelStore.folder(Map.of("SLUICE_KERNEL_CACHE", "off"), "/home/x"));
  }

  private KernelStore store() {
    return new KernelStore(folder.resolve("kernels"));
  }

  private Path file(String key) {
    return folder.resolve("kernels").resolve(key + ".kernel");
  }
}
