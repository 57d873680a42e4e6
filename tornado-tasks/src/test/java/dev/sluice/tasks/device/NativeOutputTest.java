package dev.sluice.tasks.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// What native code writes to descriptor 1 is taken, and only while it is asked for.
@DisabledOnOs(OS.WINDOWS)
final class NativeOutputTest {
  @Test
  void nestedPairsTakeWhatIsWrittenSinceTheLast() throws IOException {
    NativeOutput.begin();
    write("outer µ\n");
    NativeOutput.begin();
    assertEquals("outer µ\n", NativeOutput.end());
    write("again");
    assertEquals("again", NativeOutput.end());
    NativeOutput.begin();
    assertEquals("", NativeOutput.end());
  }

  private static void write(String text) throws IOException {
    // Not closed: that would close the process's standard output.
    @SuppressWarnings("resource")
    FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
