package dev.sluice.tasks.graph;

import java.util.Arrays;
import java.util.stream.Collectors;

/// The extents of a tensor, outermost first. Every extent is at least 1 (at least 0 for the empty
/// batch of a packed sequence is not a shape: a tensor always has elements).
public final class Shape {
  private final int[] extents;
  private final int size;

  private Shape(int[] extents) {
    this.extents = extents;
    long product = 1;
    for (int extent : extents) {
      if (extent < 1) {
        throw new GraphException("shape " + text(extents) + " has an extent below 1");
      }
      product *= extent;
      if (product > Integer.MAX_VALUE - 64) {
        throw new GraphException(
            "shape " + text(extents) + " has more than 2^31 elements; use a smaller batch");
      }
    }
    this.size = (int) product;
  }

  /// The shape with these extents, outermost first.
  ///
  /// @throws GraphException if an extent is below 1 or the product does not fit an array
  public static Shape of(int... extents) {
    return new Shape(extents.clone());
  }

  /// Number of extents.
  public int rank() {
    return extents.length;
  }

  /// Extent of axis `axis`; negative axes count from the end, −1 being the innermost.
  public int extent(int axis) {
    return extents[axis < 0 ? extents.length + axis : axis];
  }

  /// Number of elements.
  public int size() {
    return size;
  }

  /// Innermost extent.
  public int columns() {
    return extent(-1);
  }

  /// Number of rows: elements divided by the innermost extent.
  public int rows() {
    return size / columns();
  }

  /// This shape with its innermost extent replaced.
  public Shape withColumns(int columns) {
    int[] copy = extents.clone();
    copy[copy.length - 1] = columns;
    return new Shape(copy);
  }

  /// The extents, outermost first, as a fresh array.
  public int[] extents() {
    return extents.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  @Override
  public String toString() {
    return text(extents);
  }

  private static String text(int[] extents) {
    return Arrays.stream(extents)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
