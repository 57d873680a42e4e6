package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// `env.sh` says in one line what is wrong with the folder that `TORNADOVM_HOME` names, and starts
/// the JVM as one of TornadoVM needs it.
@DisabledOnOs(OS.WINDOWS)
final class SdkFolderTest {
  @TempDir private Path sdk;

  @Test
  void aFolderThatIsNoSdkIsRefused() throws Exception {
    assertRefused("there is no tornado-argfile in it");
  }

  @Test
  void anSdkForAnotherJdkIsRefused() throws Exception {
    layOut("tornado-api-1.1.1-jdk21.jar");
    assertRefused("is 1.1.1-jdk21, for JDK 21; install 5.2.0 or later for JDK 25");
  }

  @Test
  void anSdkForThisJdkIsTaken() throws Exception {
    layOut("tornado-api-5.2.0-jdk25.jar");
    assertEquals("", said(0, "env.sh", "true"));
  }

  /// Without it the JVM warns each user that Sluice and TornadoVM load native code.
  @Test
  void nativeAccessIsAllowedToAllThatTheSdkAdds() throws Exception {
    layOut("tornado-api-5.2.0-jdk25.jar");
    Files.writeString(
        sdk.resolve("tornado-argfile"),
        "-server\n--add-modules ALL-SYSTEM,tornado.runtime,tornado.drivers.cuda\n");
    String options =
        said(
            0,
            "-c",
            "source ./env.sh 2>/dev/null; _sluice_installed; printf '%s\n' \"${options[@]}\"");
    assertEquals(
        List.of(
            "@" + sdk + "/tornado-argfile",
            "--enable-native-access=tornado.runtime,tornado.drivers.cuda,ALL-UNNAMED"),
        options.lines().toList());
  }

  private void layOut(String jar) throws IOException {
    Path jars = Files.createDirectories(sdk.resolve("share/java/tornado"));
    Files.createFile(jars.resolve(jar));
    Files.createFile(sdk.resolve("tornado-argfile"));
  }

  private void assertRefused(String reason) throws Exception {
    String said = said(1, "env.sh", "true");
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.startsWith("sluice: ") && said.contains(reason), said);
  }

  /// What bash says at the project's root; the command behind `env.sh` does nothing here.
  private String said(int code, String... words) throws Exception {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("env.sh"))) {
      root = root.getParent();
    }
    List<String> command = new ArrayList<>(List.of("bash"));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(root.toFile()).redirectErrorStream(true);
    builder.environment().put("TORNADOVM_HOME", sdk.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(code, process.waitFor(), text);
    return text;
  }
}
