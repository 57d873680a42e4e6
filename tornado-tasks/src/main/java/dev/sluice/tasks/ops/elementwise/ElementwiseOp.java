package dev.sluice.tasks.ops.elementwise;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// Functions of single elements, sums and products. Results have the shape of the first operand.
public final class ElementwiseOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "elementwise";

  private ElementwiseOp() {}

  /// `y = x·σ(x)`
  public static Tensor silu(Graph graph, Tensor x) {
    return function(graph, x, Function.SILU);
  }

  /// `y = x·Φ(x)`, Φ the distribution function of the normal distribution.
  ///
  /// Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016; the exact form.
  public static Tensor gelu(Graph graph, Tensor x) {
    return function(graph, x, Function.GELU);
  }

  /// `y = σ(x) = 1 / (1 + e^−x)`
  public static Tensor sigmoid(Graph graph, Tensor x) {
    return function(graph, x, Function.SIGMOID);
  }

  /// `y = log σ(x)`
  public static Tensor logSigmoid(Graph graph, Tensor x) {
    return function(graph, x, Function.LOG_SIGMOID);
  }

  /// `y = log(1 + e^x)`
  public static Tensor softplus(Graph graph, Tensor x) {
    return function(graph, x, Function.SOFTPLUS);
  }

  /// `y = e^x`
  public static Tensor exp(Graph graph, Tensor x) {
    return function(graph, x, Function.EXP);
  }

  /// `y = tanh x`
  public static Tensor tanh(Graph graph, Tensor x) {
    return function(graph, x, Function.TANH);
  }

  /// `y = max(x, 0)`
  public static Tensor relu(Graph graph, Tensor x) {
    return function(graph, x, Function.RELU);
  }

  /// `y = x + 1` above 0, `e^x` below: a map to what is positive.
  ///
  /// Source: Katharopoulos et al., "Transformers are RNNs", 2020.
  public static Tensor eluPlusOne(Graph graph, Tensor x) {
    return function(graph, x, Function.ELU_PLUS_ONE);
  }

  private static Tensor function(Graph graph, Tensor x, Function function) {
    String name = function.tensorName();
    Tensor y = graph.activation(name, x.shape());
    boolean host = onHost(graph);
    graph
        .node(name + ".forward")
        .reads(x)
        .writes(y)
        .lower(t -> {
          if (host) {
            t.host("forward", FunctionHost.forward(function, t.heap(x), t.heap(y), x.size()));
          } else {
            t.task("forward", Grid.PARALLEL, function.forward, t.floats(x), t.floats(y), x.size());
          }
        });
    graph.differentiable(List.of(x), List.of(y), g -> backward(g, function, x, g.of(y), host));
    return y;
  }

  private static void backward(
      Gradients gradients, Function function, Tensor x, Tensor dY, boolean host) {
    Destination dX = gradients.into(x);
    gradients
        .graph()
        .node(function.tensorName() + ".backward")
        .reads(x, dY)
        .fills(dX)
        .lower(t -> {
          if (host) {
            t.host(
                "backward",
                FunctionHost.backward(
                    function,
                    t.heap(x),
                    t.heap(dY),
                    t.heap(dX.tensor()),
                    dX.accumulate(),
                    x.size()));
          } else {
            t.task(
                "backward",
                Grid.PARALLEL,
                function.backward,
                t.floats(x),
                t.floats(dY),
                t.floats(dX.tensor()),
                dX.beta(),
                x.size());
          }
        });
  }

  private static boolean onHost(Graph graph) {
    return graph.choose(NAME, ElementwiseImplementation.class) == ElementwiseImplementation.HOST;
  }

  /// `y = a + b`
  ///
  /// @throws dev.sluice.tasks.graph.GraphException if the shapes differ
  public static Tensor add(Graph graph, Tensor a, Tensor b) {
    b.expect(a.shape());
    Tensor y = graph.activation("add", a.shape());
    boolean host = onHost(graph);
    graph
        .node("add.forward")
        .reads(a, b)
        .writes(y)
        .lower(t -> {
          if (host) {
            t.host("forward", ElementwiseHost.add(t.heap(a), t.heap(b), t.heap(y), a.size()));
          } else {

            t.task(
                "forward",
                Grid.PARALLEL,
                ElementwiseKernels::add,
                t.floats(a),
                t.floats(b),
                t.floats(y),
                a.size());
          }
        });
    graph.differentiable(
        List.of(a, b),
        List.of(y),
        g -> {
          g.pass(a, g.of(y));
          g.pass(b, g.of(y));
        });
    return y;
  }

  /// `y = a · b`, element by element
  ///
  /// @throws dev.sluice.tasks.graph.GraphException if the shapes differ
  public static Tensor multiply(Graph graph, Tensor a, Tensor b) {
    b.expect(a.shape());
    Tensor y = graph.activation("multiply", a.shape());
    product(graph, "multiply.forward", a, b, new Destination(y, false));
    graph.differentiable(
        List.of(a, b),
        List.of(y),
        g -> {
          if (g.needed(a)) {
            product(graph, "multiply.backward", g.of(y), b, g.into(a));
          }
          if (g.needed(b)) {
            product(graph, "multiply.backward", g.of(y), a, g.into(b));
          }
        });
    return y;
  }

  private static void product(
      Graph graph, String node, Tensor a, Tensor b, Destination destination) {
    boolean host = onHost(graph);
    graph
        .node(node)
        .reads(a, b)
        .fills(destination)
        .lower(t -> {
          if (host) {
            t.host(
                "multiply",
                ElementwiseHost.multiply(
                    t.heap(a),
                    t.heap(b),
                    t.heap(destination.tensor()),
                    destination.accumulate(),
                    a.size()));
          } else {

            t.task(
                "multiply",
                Grid.PARALLEL,
                ElementwiseKernels::multiply,
                t.floats(a),
                t.floats(b),
                t.floats(destination.tensor()),
                destination.beta(),
                a.size());
          }
        });
  }

  /// `y = factor · x`
  ///
  /// @param factor a constant of the graph
  public static Tensor scale(Graph graph, Tensor x, float factor) {
    Tensor y = graph.activation("scale", x.shape());
    multiple(graph, "scale.forward", x, factor, new Destination(y, false));
    graph.differentiable(
        List.of(x), List.of(y), g -> multiple(graph, "scale.backward", g.of(y), factor, g.into(x)));
    return y;
  }

  private static void multiple(
      Graph graph, String node, Tensor x, float factor, Destination destination) {
    boolean host = onHost(graph);
    graph
        .node(node)
        .reads(x)
        .fills(destination)
        .lower(t -> {
          if (host) {
            t.host(
                "scale",
                ElementwiseHost.scale(
                    t.heap(x),
                    t.heap(destination.tensor()),
                    factor,
                    destination.accumulate(),
                    x.size()));
          } else {

            t.task(
                "scale",
                Grid.PARALLEL,
                ElementwiseKernels::scale,
                t.floats(x),
                t.floats(destination.tensor()),
                factor,
                destination.beta(),
                x.size());
          }
        });
  }

  /// `y[…, d] = x[…, d] + v[d]`
  ///
  /// @param x `[…, D]`
  /// @param v `[D]`
  /// @throws dev.sluice.tasks.graph.GraphException if `v` is not `[D]`
  public static Tensor addRow(Graph graph, Tensor x, Tensor v) {
    v.expect(Shape.of(x.shape().columns()));
    Tensor y = graph.activation("add_row", x.shape());
    boolean host = onHost(graph);
    graph
        .node("add_row.forward")
        .reads(x, v)
        .writes(y)
        .lower(t -> {
          if (host) {
            t.host(
                "forward",
                ElementwiseHost.addRow(
                    t.heap(x), t.heap(v), t.heap(y), x.shape().rows(), x.shape().columns()));
          } else {

            t.task(
                "forward",
                Grid.PARALLEL,
                ElementwiseKernels::addRow,
                t.floats(x),
                t.floats(v),
                t.floats(y),
                x.shape().rows(),
                x.shape().columns());
          }
        });
    graph.differentiable(
        List.of(x, v),
        List.of(y),
        g -> {
          if (g.needed(v)) {
            RowTasks.backward(g, "add_row", onHost(graph), null, v, g.of(y));
          }
          g.pass(x, g.of(y));
        });
    return y;
  }

  /// `y[…, d] = x[…, d] · v[d]`
  ///
  /// @param x `[…, D]`
  /// @param v `[D]`
  /// @throws dev.sluice.tasks.graph.GraphException if `v` is not `[D]`
  public static Tensor multiplyRow(Graph graph, Tensor x, Tensor v) {
    v.expect(Shape.of(x.shape().columns()));
    Tensor y = graph.activation("multiply_row", x.shape());
    boolean host = onHost(graph);
    RowTasks.product(graph, "multiply_row.forward", host, x, v, new Destination(y, false));
    graph.differentiable(
        List.of(x, v),
        List.of(y),
        g -> {
          if (g.needed(v)) {
            RowTasks.backward(g, "multiply_row", onHost(graph), x, v, g.of(y));
          }
          if (g.needed(x)) {
            RowTasks.product(
                graph, "multiply_row.backward_input", onHost(graph), g.of(y), v, g.into(x));
          }
        });
    return y;
  }
}
