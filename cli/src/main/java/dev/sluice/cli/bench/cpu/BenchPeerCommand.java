package dev.sluice.cli.bench.cpu;

import dev.sluice.cli.exit.ExitCode;
import dev.sluice.tasks.device.Devices;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice bench peer`.
@Command(
    name = "peer",
    description = {
      "Runs a peer's benchmark and Sluice in turn on the same work, and prints the ratios.",
      "Exit code 1 if a row is below 0.9 of its mark."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class BenchPeerCommand implements Callable<Integer> {
  private static final String PROGRAM = "bench";

  @Spec private CommandSpec spec;

  @Option(
      names = "--path",
      required = true,
      paramLabel = "FOLDER",
      description =
          "The peer's folder. Its program 'bench' knows the commands 'matmul', 'gla' and 'train --config=a' or 'b' and prints"
              + " 'ms MEDIAN (FASTEST-SLOWEST)'.")
  private Path path;

  @Option(
      names = "--peer",
      paramLabel = "NAME",
      defaultValue = "mkl",
      description =
          "How the peer runs: the value of PEER in its environment. Default: ${DEFAULT-VALUE}, its best.")
  private String peer;

  @Option(
      names = "--only",
      paramLabel = "WORK",
      description = "Only this work: matmul, gla, a or b.")
  private @Nullable String only;

  @Mixin private CpuRounds rounds;

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public BenchPeerCommand() {}

  @Override
  public Integer call() {
    Path program = path.resolve(PROGRAM);
    if (!Files.isExecutable(program)) {
      throw new IllegalArgumentException(
          "--path %s: there is no program '%s' in it that can be run".formatted(path, PROGRAM));
    }
    PrintWriter err = spec.commandLine().getErr();
    CpuBench bench = new CpuBench(Devices.preferred(), rounds.clock(), err, "");
    CpuPeer theirs = new CpuPeer(bench, program.toAbsolutePath(), peer);
    rounds.run(() -> theirs.measure(only));
    PrintWriter out = spec.commandLine().getOut();
    bench.rows().forEach(row -> out.println(CpuReport.line(row)));
    out.flush();
    return bench.rows().stream().anyMatch(CpuRow::failed) ? ExitCode.FAILED : 0;
  }
}
