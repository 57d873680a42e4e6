package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Implementation;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The ways to compute the gated delta rule, best first.
public enum GatedDeltaRuleImplementation implements Implementation {
  /// Chunks of 16 by the WY form with the JVM's Vector API.
  HOST_CHUNKED("host-chunked", Feature.VECTOR_API, HostForm::new),
  /// Chunks of 64 by the WY form on matrix units, operands in bfloat16.
  MATRIX_UNITS("matrix-units", Feature.MATRIX_UNITS, () -> new NormalizedForm(new MatrixForm())),
  /// Chunks of 64 by the WY form, all chunks at the same time but for the states between them.
  CHUNKED("chunked", Feature.WORK_GROUPS, () -> new NormalizedForm(new ChunkedForm())),
  /// Token by token, a work-item a column or row of a state; on every device.
  RECURRENT("recurrent", null, RecurrentForm::new);

  private final String id;
  private final @Nullable Feature feature;
  private final Supplier<GatedDeltaRuleForm> form;

  GatedDeltaRuleImplementation(
      String id, @Nullable Feature feature, Supplier<GatedDeltaRuleForm> form) {
    this.id = id;
    this.feature = feature;
    this.form = form;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public boolean runsOn(Device device) {
    boolean pairs = this != MATRIX_UNITS || device.has(Feature.BF16);
    return pairs && (feature == null || device.has(feature));
  }

  @Override
  public boolean reducedPrecision() {
    return this == MATRIX_UNITS;
  }

  /// Whether it is made for these sizes.
  boolean takes(GatedDeltaRuleDimensions dims) {
    return this != MATRIX_UNITS || MatrixForm.takes(dims);
  }

  GatedDeltaRuleForm form() {
    return form.get();
  }
}
