package dev.sluice.cli.options;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.DeviceException;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.ChoiceException;
import dev.sluice.tasks.graph.Choices;
import java.io.PrintWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Where a command runs and how.
public final class DeviceOptions {
  @Mixin private DeviceChoice choice = new DeviceChoice();

  @Option(
      names = "--implementation",
      paramLabel = "OP=NAME",
      description =
          "Take this implementation of an op, such as gla=recurrent; --explain shows the ops. May be repeated.")
  private Map<String, String> implementations = new LinkedHashMap<>();

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "fp32; tf32 (cuBLAS may round the operands of products to 10 bits of mantissa); or bf16 (the same, and matrix units may multiply in bfloat16 and sum in float32, where device and op have them). Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.fp32;

  /// How precisely products are computed.
  enum Precision {
    /// In float32.
    fp32,
    /// In float32 with operands of 10 bits of mantissa where cuBLAS computes them.
    tf32,
    /// In bfloat16 where an op has such an implementation.
    bf16
  }

  @Option(
      names = "--explain",
      description = "Say which implementation each op takes, on standard error.")
  private boolean explain;

  /// Used by picocli.
  public DeviceOptions() {}

  /// The device that was asked for, or the first.
  ///
  /// @throws IllegalArgumentException if there is none of that name, or it lacks the precision
  ///   asked for
  /// @throws DeviceException if the runtime does not start
  public Device device() {
    Device found = choice.device();
    if (precision == Precision.tf32 && !found.has(Feature.CUBLAS)) {
      throw new IllegalArgumentException(
          "--precision tf32: device %s has no cuBLAS; leave it out".formatted(found.id()));
    }
    boolean rounding = precision != Precision.fp32 && found.has(Feature.CUBLAS);
    return rounding ? found.with(Feature.TF32) : found;
  }

  /// Op → the only implementation of it that was asked for.
  public Map<String, String> implementations() {
    return Collections.unmodifiableMap(implementations);
  }

  /// Whether to say which implementations are taken.
  public boolean explains() {
    return explain;
  }

  /// Choices that take the implementations asked for.
  public Choices choices() {
    Choices choices = Choices.forcing(implementations);
    return precision == Precision.bf16 ? choices.withReducedPrecision() : choices;
  }

  /// Says which implementations were taken, if that was asked for; to be called when all graphs are
  /// built.
  ///
  /// @throws ChoiceException if one was asked for of an op that is not there
  public void report(Choices choices, PrintWriter errors) {
    choices.expectAllUsed();
    explain(choices, errors);
  }

  /// Says which implementations were taken, if that was asked for.
  public void explain(Choices choices, PrintWriter errors) {
    if (explain) {
      choices.made().forEach((op, name) -> errors.println("  " + op + ": " + name));
      errors.flush();
    }
  }
}
