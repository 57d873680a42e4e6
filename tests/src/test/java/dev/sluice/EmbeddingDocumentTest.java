package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program that `docs/embedding.md` shows compiles and runs as it stands there.
class EmbeddingDocumentTest {
  private static final String DOCUMENT = "docs/embedding.md";
  private static final String CLASS = "Embedding";
  private static final String API = "uk/ac/manchester/tornado/api/TaskGraph.class";
  private static final int STEPS = 20;

  @TempDir private Path folder;

  private record Run(int code, String output) {}

  @BeforeEach
  void compile() throws IOException {
    String text = Files.readString(document());
    int begin = text.indexOf("```java\n") + "```java\n".length();
    String code = text.substring(begin, text.indexOf("```", begin));
    Path source = Files.writeString(folder.resolve(CLASS + ".java"), code);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assertNotNull(compiler, "tests need a JDK");
    var said = new ByteArrayOutputStream();
    int result =
        compiler.run(
            null,
            said,
            said,
            "-proc:none",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            folder.toString(),
            source.toString());
    assertEquals(0, result, () -> said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void runsAndLearns() throws IOException, InterruptedException {
    Run run = run(System.getProperty("java.class.path"));
    assertEquals(0, run.code(), run.output());
    List<Float> losses =
        run.output()
            .lines()
            .filter(l -> l.startsWith("loss "))
            .map(l -> Float.parseFloat(l.substring("loss ".length())))
            .toList();
    assertEquals(STEPS, losses.size(), run.output());
    assertTrue(losses.getLast() < losses.getFirst() / 4, run.output());
    assertTrue(run.output().contains("model.embeddings.weight"), run.output());
  }

  @Test
  void twoRuntimesAreRefused() throws IOException, InterruptedException {
    Path second = folder.resolve("sdk");
    copyApi(second);
    for (String path : List.of(classPathAnd(second, true), classPathAnd(second, false))) {
      Run run = run(path);
      assertEquals(1, run.code(), run.output());
      String message = messageOf(run);
      assertTrue(message.contains("2 runtimes are on the path"), run.output());
      assertTrue(message.contains(second.toString()), run.output());
      assertTrue(message.contains("tornado-embedded"), run.output());
    }
  }

  @Test
  void noRuntimeIsRefused() throws IOException, InterruptedException {
    Run run = run(withoutRuntime());
    assertEquals(1, run.code(), run.output());
    assertTrue(messageOf(run).contains("no runtime is on the path"), run.output());
  }

  @Test
  void brokenRuntimeIsRefused() throws IOException, InterruptedException {
    Path broken = folder.resolve("broken");
    copyApi(broken);
    Run run = run(withoutRuntime() + System.getProperty("path.separator") + broken);
    assertEquals(1, run.code(), run.output());
    assertTrue(messageOf(run).contains("the runtime does not start: "), run.output());
  }

  /// What an uncaught exception of the application says in its first line.
  private static String messageOf(Run run) {
    return run.output().lines().filter(l -> l.contains("DeviceException: ")).findFirst().orElse("");
  }

  /// A folder that has one class of a runtime.
  private static void copyApi(Path into) throws IOException {
    Path target = into.resolve(API);
    Files.createDirectories(target.getParent());
    try (var in = EmbeddingDocumentTest.class.getClassLoader().getResourceAsStream(API)) {
      Files.copy(in, target);
    }
  }

  private static String classPathAnd(Path more, boolean first) {
    String path = System.getProperty("java.class.path");
    String separator = System.getProperty("path.separator");
    return first ? more + separator + path : path + separator + more;
  }

  private static String withoutRuntime() {
    String separator = System.getProperty("path.separator");
    return String.join(
        separator,
        List.of(System.getProperty("java.class.path").split(separator)).stream()
            .filter(entry -> !entry.contains("tornado-embedded"))
            .toList());
  }

  private Run run(String classPath) throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-cp", folder + System.getProperty("path.separator") + classPath, CLASS));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int code = process.waitFor();
    return new Run(code, Files.readString(output));
  }

  private static Path document() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve(DOCUMENT))) {
      at = at.getParent();
      assertNotNull(at, DOCUMENT);
    }
    return at.resolve(DOCUMENT);
  }
}
