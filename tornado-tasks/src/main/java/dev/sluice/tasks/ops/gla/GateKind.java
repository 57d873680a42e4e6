package dev.sluice.tasks.ops.gla;

/// What a log gate depends on; the ops of the family differ in nothing else.
public enum GateKind {
  /// `[B, T, H, K]`: time, head and key (GLA).
  KEY,
  /// `[B, T, H]`: time and head (simple GLA).
  HEAD,
  /// `[H]`: the head alone (retention, linear attention); a constant, no gradient.
  FIXED;

  /// Elements from one time step to the next.
  int timeStride(int heads, int keySize) {
    return switch (this) {
      case KEY -> heads * keySize;
      case HEAD -> heads;
      case FIXED -> 0;
    };
  }

  /// Elements from one head to the next.
  int headStride(int keySize) {
    return this == KEY ? keySize : 1;
  }

  /// Elements from one key to the next.
  int keyStride() {
    return this == KEY ? 1 : 0;
  }
}
