package dev.sluice.tasks.ops.gnconv;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// The parameters of a recursive gated convolution of order `n` over `C` channels. Its features
/// have `C/2^(n−1), …, C/2, C` channels, `S` in all.
///
/// @param inWeight `[2C, C]`
/// @param inBias `[2C]`
/// @param kernel depthwise: `[S, K, K]` over images, `[S, K]` over sequences
/// @param kernelBias `[S]`
/// @param steps for each but the first feature: the projection to its channels
/// @param outWeight `[C, C]`
/// @param outBias `[C]`
public record GnConvWeights(
    Tensor inWeight,
    Tensor inBias,
    Tensor kernel,
    Tensor kernelBias,
    List<Step> steps,
    Tensor outWeight,
    Tensor outBias) {
  /// The projection from one feature to the next.
  ///
  /// @param weight `[C_i+1, C_i]`
  /// @param bias `[C_i+1]`
  public record Step(Tensor weight, Tensor bias) {}

  /// Channels of each feature, for `order` features over `columns` channels.
  ///
  /// @throws GraphException if the order is not 2 to 5 or does not divide the channels
  public static int[] widths(int order, int columns) {
    if (order < 2 || order > 5 || columns % (1 << (order - 1)) != 0) {
      throw new GraphException(
          "gnconv of order %d does not fit %d channels; take an order of 2 to 5 and a multiple of %d"
              .formatted(order, columns, 1 << Math.clamp(order - 1, 1, 4)));
    }
    int[] widths = new int[order];
    for (int i = 0; i < order; i++) {
      widths[i] = columns >> (order - 1 - i);
    }
    return widths;
  }

  /// Checks the shapes against `columns` channels.
  void expect(int columns) {
    int[] widths = widths(steps.size() + 1, columns);
    inWeight.expect(Shape.of(2 * columns, columns));
    inBias.expect(Shape.of(2 * columns));
    kernelBias.expect(Shape.of(2 * columns - widths[0]));
    for (int i = 0; i < steps.size(); i++) {
      steps.get(i).weight().expect(Shape.of(widths[i + 1], widths[i]));
      steps.get(i).bias().expect(Shape.of(widths[i + 1]));
    }
    outWeight.expect(Shape.of(columns, columns));
    outBias.expect(Shape.of(columns));
  }
}
