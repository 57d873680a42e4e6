package dev.sluice.cli.bench.cpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A peer's benchmark and ours in turn: how many times its speed we reach, fastest run over fastest
/// run.
final class CpuPeer {
  private static final String FIGURE = "× peer";

  /// `name: ms 1.234 (1.200-1.300)`, as the peer prints.
  private static final Pattern LINE =
      Pattern.compile("(.*?):? *(?:step )?ms ([0-9.]+) \\(([0-9.]+)-([0-9.]+)\\).*");

  /// What a program that builds the peer first leaves on its first line: colours of a terminal.
  private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;]*m");

  private static final Pattern PRODUCT = Pattern.compile("matmul (\\d+)x(\\d+)x(\\d+).*");
  private static final int WARM = 512;
  private static final double PRODUCT_MARK = 0.9;
  private static final double AHEAD = 1;

  /// The inverse of the part of the peer's time that a step may take.
  private static final double SMALL_MARK = 1 / 0.7;

  private static final double LARGE_MARK = 1 / 0.8;

  private final CpuBench bench;
  private final Path program;
  private final String peer;

  CpuPeer(CpuBench bench, Path program, String peer) {
    this.bench = bench;
    this.program = program;
    this.peer = peer;
  }

  void measure(@Nullable String only) {
    if (only == null || only.equals("matmul")) {
      products();
    }
    if (only == null || only.equals("gla")) {
      mixer();
    }
    if (only == null || only.equals("a")) {
      step("a", CpuModels.SMALL, SMALL_MARK);
    }
    if (only == null || only.equals("b")) {
      step("b", CpuModels.LARGE, LARGE_MARK);
    }
  }

  private void products() {
    // The smallest product would be measured before the compiler has come to it.
    new CpuProducts(bench).seconds(WARM, WARM, WARM);
    run("matmul")
        .forEach((name, seconds) -> {
          Matcher size = PRODUCT.matcher(name);
          if (size.matches()) {
            int m = Integer.parseInt(size.group(1));
            int k = Integer.parseInt(size.group(2));
            int n = Integer.parseInt(size.group(3));
            double ours = new CpuProducts(bench).seconds(m, k, n);
            row("matrix product %d×%d×%d".formatted(m, k, n), ours, seconds, PRODUCT_MARK);
          }
        });
  }

  private void mixer() {
    run("gla")
        .forEach((name, seconds) -> {
          boolean both = name.contains("forward+backward");
          if (name.startsWith("chunk")) {
            double ours = new CpuOps(bench).glaSeconds(both);
            row("GLA forward" + (both ? " + backward" : ""), ours, seconds, AHEAD);
          }
        });
  }

  private void step(String config, CpuModels.Size size, double mark) {
    run("train", "--config=" + config)
        .forEach((name, seconds) -> {
          if (name.isBlank()) {
            double ours = new CpuModels(bench).stepSeconds(size);
            row("training step GLA " + size, ours, seconds, mark);
          }
        });
  }

  private void row(String work, double ours, double theirs, double mark) {
    bench.add(CpuRow.atLeast(work, bench.threads(), ours, FIGURE, theirs / ours, mark));
  }

  /// What stands before the times of each line → seconds of the fastest run.
  private Map<String, Double> run(String... arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    command.add("--threads=" + bench.threads());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PEER", peer);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      Map<String, Double> fastest = fastest(output);
      if (code != 0 || fastest.isEmpty()) {
        throw new IllegalArgumentException(
            "the peer's '%s' ended with code %d and gave %d times; run it by itself to see why"
                .formatted(String.join(" ", arguments), code, fastest.size()));
      }
      return fastest;
    } catch (IOException e) {
      throw new IllegalArgumentException(program + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// The times in the peer's output; of a training step, whose line has no name, that of the whole
  /// step.
  static Map<String, Double> fastest(String output) {
    Map<String, Double> fastest = new LinkedHashMap<>();
    for (String line : output.lines().toList()) {
      Matcher matcher = LINE.matcher(COLOURS.matcher(line).replaceAll(""));
      if (matcher.matches()) {
        fastest.put(matcher.group(1).strip(), Double.parseDouble(matcher.group(3)) * 1e-3);
      }
    }
    return fastest;
  }
}
