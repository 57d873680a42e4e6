package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import java.util.Locale;

/// Functions of single elements that a configuration chooses by name. Names as in
/// flash-linear-attention.
public enum Activation {
  /// `x`
  IDENTITY {
    @Override
    Tensor forward(Graph graph, Tensor x) {
      return x;
    }
  },
  /// `max(x, 0)`
  RELU {
    @Override
    Tensor forward(Graph graph, Tensor x) {
      return ElementwiseOp.relu(graph, x);
    }
  },
  /// `x + 1` above 0, `e^x` below.
  ELU {
    @Override
    Tensor forward(Graph graph, Tensor x) {
      return ElementwiseOp.eluPlusOne(graph, x);
    }
  },
  /// `σ(x)`
  SIGMOID {
    @Override
    Tensor forward(Graph graph, Tensor x) {
      return ElementwiseOp.sigmoid(graph, x);
    }
  },
  /// `log σ(x)`
  LOGSIGMOID {
    @Override
    Tensor forward(Graph graph, Tensor x) {
      return ElementwiseOp.logSigmoid(graph, x);
    }
  },
  /// `x·σ(x)`
  SILU {
    @Override
    Tensor forward(Graph graph, Tensor x) {
      return ElementwiseOp.silu(graph, x);
    }
  };

  /// Appends the function.
  abstract Tensor forward(Graph graph, Tensor x);

  /// The name in a configuration.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
