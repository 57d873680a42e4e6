package dev.sluice.tasks.graph;

/// A named array of fixed shape and type in a graph. A tensor says nothing about where its elements
/// lie: [Program] gives it a buffer.
public final class Tensor {
  /// How long a tensor's elements live.
  public enum Role {
    /// Within one execution of its graph; the planner gives it a buffer by lifetime.
    ACTIVATION,
    /// Copied to the device before each execution of its graph.
    INPUT,
    /// Outlives executions and is shared by the graphs of a program: parameters, their gradients,
    /// moments, recurrent states, step settings.
    VARIABLE
  }

  private final String name;
  private final Shape shape;
  private final ElementType type;
  private final Role role;
  private final Tensor root;

  Tensor(String name, Shape shape, ElementType type, Role role) {
    this.name = name;
    this.shape = shape;
    this.type = type;
    this.role = role;
    this.root = this;
  }

  private Tensor(Tensor root, Shape shape) {
    this.name = root.name;
    this.shape = shape;
    this.type = root.type;
    this.role = root.role;
    this.root = root;
  }

  /// The same elements seen with another shape; no copy, and gradients flow through.
  ///
  /// @throws GraphException if the number of elements differs
  public Tensor view(int... extents) {
    return view(Shape.of(extents));
  }

  /// The same elements seen with another shape; no copy, and gradients flow through.
  ///
  /// @throws GraphException if the number of elements differs
  public Tensor view(Shape other) {
    if (other.size() != size()) {
      throw new GraphException(
          "tensor '" + name + "' " + shape + " cannot be seen as " + other + ": other size");
    }
    return other.equals(shape) ? this : new Tensor(root, other);
  }

  /// The tensor of which this one is a view; itself if it is none.
  public Tensor root() {
    return root;
  }

  /// The name, unique in its graph or, for variables, in its program.
  public String name() {
    return name;
  }

  /// The shape.
  public Shape shape() {
    return shape;
  }

  /// The element type.
  public ElementType type() {
    return type;
  }

  /// How long the elements live.
  public Role role() {
    return role;
  }

  /// Number of elements.
  public int size() {
    return shape.size();
  }

  /// Bytes of all elements.
  public long bytes() {
    return (long) size() * type.bytes();
  }

  /// Checks the shape, for the entry of ops.
  ///
  /// @throws GraphException naming the tensor, its shape and `expected`
  public Tensor expect(Shape expected) {
    if (!shape.equals(expected)) {
      throw new GraphException(
          "tensor '" + name + "' has shape " + shape + " where " + expected + " is needed");
    }
    return this;
  }

  @Override
  public String toString() {
    return name + shape;
  }
}
