package dev.sluice.tasks.graph;

/// A trained tensor with its gradient.
///
/// @param value the parameter, float32
/// @param gradient its gradient, same shape, float32; nodes accumulate (`+=`) into it
/// @param initializer fills it before training
/// @param decays whether decoupled weight decay applies
public record Parameter(Tensor value, Tensor gradient, Initializer initializer, boolean decays) {
  /// The parameter's name, as in a checkpoint.
  public String name() {
    return value.name();
  }
}
