package dev.sluice.cli.options;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.DeviceException;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.ChoiceException;
import dev.sluice.tasks.graph.Choices;
import java.io.PrintWriter;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a command runs and how.
public final class DeviceOptions {
  @Option(
      names = "--device",
      paramLabel = "ID",
      description = "Device to run on, as 'sluice devices' lists them. Default: the first.")
  @Nullable String device;

  @Option(
      names = "--implementation",
      paramLabel = "OP=NAME",
      description = "Take this implementation of an op; may be repeated.")
  Map<String, String> implementations = new LinkedHashMap<>();

  @Option(
      names = "--without",
      paramLabel = "FEATURE",
      description = "Act as if the device lacked this: ${COMPLETION-CANDIDATES}. May be repeated.")
  Set<Feature> without = EnumSet.noneOf(Feature.class);

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "fp32; tf32: cuBLAS may round the operands of products to 10 bits of mantissa; or bf16: that, and matrix units may multiply in bfloat16, summing in float32, where the device and the op have that. Default: fp32.")
  Precision precision = Precision.fp32;

  /// How precisely products are computed.
  enum Precision {
    /// In float32.
    fp32,
    /// In float32 with operands of 10 bits of mantissa where cuBLAS computes them.
    tf32,
    /// In bfloat16 where an op has such an implementation.
    bf16
  }

  @Option(names = "--explain", description = "Say which implementation each op takes.")
  boolean explain;

  /// Used by picocli.
  public DeviceOptions() {}

  /// The device that was asked for, or the first.
  ///
  /// @throws IllegalArgumentException if there is none of that name, or it lacks the precision
  ///   asked for
  /// @throws DeviceException if the runtime does not start
  public Device device() {
    // A runtime that does not start is no fault of what was asked for.
    Device first = Devices.preferred();
    String id = device;
    Device found = id == null ? first : OptionChecks.named(() -> Devices.named(id));
    for (Feature feature : without) {
      found = found.without(feature);
    }
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
