package dev.sluice.data;

/// The shape of multi-query associative recall.
///
/// @param vocabulary `V`: keys are 1 … V/2−1, values V/2 … V−1
/// @param length `T`: tokens in an example, even
/// @param pairs key–value pairs, and as many queries; four times as many tokens must fit
/// @param power `a` of the weight i^(a−1) with which slot i is asked; small values ask soon after
///   the pairs
/// @param randomNonQueries whether positions without a query hold random tokens in place of 0
public record MqarOptions(
    int vocabulary, int length, int pairs, double power, boolean randomNonQueries) {
  /// The power of Zoology's experiments.
  public static final double DEFAULT_POWER = 0.01;

  /// Checks that the numbers fit together.
  ///
  /// @throws DataException if they do not
  public MqarOptions {
    if (length < 4 || length % 2 != 0) {
      throw new DataException(
          "mqar: length %d must be an even number of at least 4".formatted(length));
    }
    if (pairs < 1 || pairs > length / 4) {
      throw new DataException(
          "mqar: %d pairs do not fit into length %d: pairs must be 1 to %d, a quarter of the length"
              .formatted(pairs, length, length / 4));
    }
    if (vocabulary < 2 * (pairs + 1)) {
      throw new DataException(
          "mqar: vocabulary %d is too small for %d different keys and values: at least %d is needed"
              .formatted(vocabulary, pairs, 2 * (pairs + 1)));
    }
    if (!(power > 0) || power == Double.POSITIVE_INFINITY) {
      throw new DataException("mqar: power %s must be a positive number".formatted(power));
    }
  }

  /// The setting of figure 2: power 0.01, zeros where nothing is asked.
  public MqarOptions(int vocabulary, int length, int pairs) {
    this(vocabulary, length, pairs, DEFAULT_POWER, false);
  }
}
