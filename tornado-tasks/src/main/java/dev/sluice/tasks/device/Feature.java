package dev.sluice.tasks.device;

/// What an implementation of an op may need of a device.
public enum Feature {
  /// The JVM's Vector API; with it, library tasks of the embedded runtime.
  VECTOR_API("Vector API"),
  /// Library tasks that run on the host's heap arrays.
  HOST_TASKS("host tasks"),
  /// Work-groups with local memory and barriers at hardware speed.
  WORK_GROUPS("work-groups"),
  /// binary16 arrays and arithmetic.
  FP16("fp16"),
  /// bfloat16 arrays.
  BF16("bf16"),
  /// Matrix units through warp-level multiply-accumulate.
  MATRIX_UNITS("matrix units"),
  /// Asynchronous copies from global to local memory.
  ASYNC_COPY("cp.async"),
  /// Sums across a subgroup.
  SUBGROUP_SUM("subgroup sum"),
  /// cuBLAS library tasks.
  CUBLAS("cuBLAS"),
  /// Matrix products of cuBLAS may round their operands to TF32, 10 bits of mantissa. No device has
  /// it by itself: it is asked for.
  TF32("TF32"),
  /// Capture and replay of a whole graph.
  GRAPH_CAPTURE("graph capture");

  private final String title;

  Feature(String title) {
    this.title = title;
  }

  /// As it is shown to people.
  public String title() {
    return title;
  }
}
