package dev.sluice.checkpoint;

import java.util.Arrays;
import java.util.List;

/// What a file says about a tensor before its data.
///
/// @param name its name
/// @param type type of its elements
/// @param shape its dimensions, outermost first; empty for a single number
public record TensorInfo(String name, ElementType type, List<Long> shape) {
  /// Copies the shape.
  ///
  /// @throws IllegalArgumentException if a dimension is negative or the product is beyond `long`
  public TensorInfo {
    shape = List.copyOf(shape);
    long elements = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException("negative dimension in shape " + shape);
      }
      try {
        elements = Math.multiplyExact(elements, dimension);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("shape " + shape + " is too large", e);
      }
    }
    if (elements > Long.MAX_VALUE / type.bytes()) {
      throw new IllegalArgumentException("shape " + shape + " is too large");
    }
  }

  /// A tensor of that shape.
  public static TensorInfo of(String name, ElementType type, long... shape) {
    return new TensorInfo(name, type, Arrays.stream(shape).boxed().toList());
  }

  /// Number of elements.
  public long elements() {
    long elements = 1;
    for (long dimension : shape) {
      elements *= dimension;
    }
    return elements;
  }

  /// Number of bytes of the data.
  public long bytes() {
    return elements() * type.bytes();
  }
}
