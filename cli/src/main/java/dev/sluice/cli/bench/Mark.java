package dev.sluice.cli.bench;

/// What a figure should reach.
///
/// @param figure what is looked at, such as `of peak`
/// @param reached its value
/// @param wanted what it should be
/// @param atMost whether less is better
public record Mark(String figure, double reached, double wanted, boolean atMost) {
  /// A mark where more is better.
  public static Mark atLeast(String figure, double reached, double wanted) {
    return new Mark(figure, reached, wanted, false);
  }

  /// A mark where less is better.
  public static Mark atMost(String figure, double reached, double wanted) {
    return new Mark(figure, reached, wanted, true);
  }

  /// How far the mark is reached: 1 and more means that it is.
  public double part() {
    return atMost ? wanted / reached : reached / wanted;
  }
}
