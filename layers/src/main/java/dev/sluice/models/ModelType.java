package dev.sluice.models;

import java.util.function.Function;

/// A kind of model: a mixer with its names, its defaults and how its keys are read. Those that
/// there are stand in [ModelTypes].
///
/// @param mixer name of the mixer, in patterns
/// @param name value of `model_type`, where every layer is this mixer
/// @param architecture value in `architectures`
/// @param frame parts around the mixers
/// @param defaults of the keys that all models have
/// @param reader reads the mixer's keys
/// @param preset the mixer for chosen sizes
public record ModelType(
    String mixer,
    String name,
    String architecture,
    Frame frame,
    Defaults defaults,
    Reader reader,
    Function<MixerSizes, MixerConfig> preset) {

  /// Defaults of flash-linear-attention that differ from type to type.
  ///
  /// @param layers `num_hidden_layers`
  /// @param hiddenRatio `hidden_ratio`
  /// @param eps `norm_eps`
  public record Defaults(int layers, int hiddenRatio, double eps) {}

  /// Reads a mixer's keys.
  @FunctionalInterface
  public interface Reader {
    /// Reads every key of the mixer, with the defaults of flash-linear-attention.
    ///
    /// @param keys the keys; a key that nobody asks for is refused afterwards
    /// @param width `hidden_size`
    /// @throws ModelException for a value of the wrong kind or not implemented
    MixerConfig read(ConfigReader keys, int width);
  }

  @Override
  public String toString() {
    return name;
  }
}
