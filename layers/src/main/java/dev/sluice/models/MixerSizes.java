package dev.sluice.models;

/// What somebody chooses who makes a mixer without a configuration.
///
/// @param width `D`
/// @param heads heads, where the mixer has any
/// @param convolution steps of the short convolutions, 0 for none, where the mixer has any
/// @param length tokens of the longest sequence, where the mixer has to know it
public record MixerSizes(int width, int heads, int convolution, int length) {
  /// The steps of the short convolutions of a mixer that cannot do without: what was chosen, or
  /// `absent` where that is none.
  int convolutionOr(int absent) {
    return convolution == 0 ? absent : convolution;
  }
}
