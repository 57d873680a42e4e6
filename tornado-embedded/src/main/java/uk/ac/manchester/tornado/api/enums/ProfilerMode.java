package uk.ac.manchester.tornado.api.enums;

/// Where profiles go.
public enum ProfilerMode {
  /// Printed after each execution.
  CONSOLE,
  /// Kept, to be asked for.
  SILENT
}
