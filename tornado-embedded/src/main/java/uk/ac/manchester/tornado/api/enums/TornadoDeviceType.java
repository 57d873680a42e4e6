package uk.ac.manchester.tornado.api.enums;

/// Kinds of devices.
public enum TornadoDeviceType {
  /// Not known.
  UNKNOWN,
  /// Whatever the runtime takes first.
  DEFAULT,
  /// A processor.
  CPU,
  /// A graphics card.
  GPU,
  /// A programmable gate array.
  FPGA,
  /// Another accelerator.
  ACCELERATOR,
  /// Made to order.
  CUSTOM,
  /// Any kind.
  ALL
}
