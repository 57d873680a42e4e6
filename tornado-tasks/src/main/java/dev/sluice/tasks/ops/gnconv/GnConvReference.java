package dev.sluice.tasks.ops.gnconv;

import java.util.ArrayList;
import java.util.List;

/// The recursive gated convolution in double precision, over whatever the depthwise convolution
/// runs over.
public final class GnConvReference {
  private final Convolution convolution;
  private final double scale;
  private final int rows;
  private final int C;

  /// A gated convolution of `C` channels.
  ///
  /// @param convolution the depthwise convolution
  /// @param scale factor of convolution plus bias
  /// @param rows time steps or pixels of the batch
  public GnConvReference(Convolution convolution, double scale, int rows, int C) {
    this.convolution = convolution;
    this.scale = scale;
    this.rows = rows;
    this.C = C;
  }

  /// A depthwise convolution of given shapes.
  public interface Convolution {
    /// The convolution plus bias.
    double[] forward(double[] x, double[] kernel, double[] bias);

    /// Its gradients, Overwritten.
    void backward(
        double[] x, double[] kernel, double[] dY, double[] dX, double[] dKernel, double[] dBias);
  }

  /// `in`, convolution, one projection for each but the first feature, `out`: each a weight and a
  /// bias, in this order.
  ///
  /// @param values the arrays, shapes as in [GnConvWeights]
  public record Weights(List<double[]> values) {
    int order() {
      return values.size() / 2 - 2;
    }

    double[] weight(int i) {
      return values.get(2 * i);
    }

    double[] bias(int i) {
      return values.get(2 * i + 1);
    }

    private Weights zeros() {
      return new Weights(values.stream().map(v -> new double[v.length]).toList());
    }
  }

  /// The gradients.
  ///
  /// @param dX `[rows, C]`
  /// @param weights those of the weights
  public record Gradients(double[] dX, Weights weights) {}

  /// With `[p, f] = in(x)` and `[d_0, …] = scale · (kernel ∗ f + bias)`: `p_0 = p ⊙ d_0`, `p_i =
  /// step_i(p_i−1) ⊙ d_i`, `y = out(p_n−1)`.
  ///
  /// @param x `[rows, C]`, Read
  /// @return y `[rows, C]`
  public double[] forward(double[] x, Weights w) {
    List<double[]> products = new ArrayList<>();
    List<double[]> factors = new ArrayList<>();
    steps(x, w, products, factors);
    int last = w.order() + 1;
    return linear(products.getLast(), w.weight(last), w.bias(last), C, C);
  }

  /// Runs the forward pass up to the last product; the factors are projections and convolutions in
  /// turn.
  private double[] steps(double[] x, Weights w, List<double[]> products, List<double[]> factors) {
    int[] widths = GnConvWeights.widths(w.order(), C);
    double[] projected = linear(x, w.weight(0), w.bias(0), C, 2 * C);
    double[] features = slice(projected, 2 * C, widths[0], 2 * C);
    double[] convolved = convolution.forward(features, w.weight(1), w.bias(1));
    double[] left = slice(projected, 2 * C, 0, widths[0]);
    int at = 0;
    for (int i = 0; i < widths.length; i++) {
      if (i > 0) {
        left = linear(products.getLast(), w.weight(i + 1), w.bias(i + 1), widths[i - 1], widths[i]);
      }
      double[] right = slice(convolved, 2 * C - widths[0], at, at + widths[i]);
      double[] product = new double[right.length];
      for (int j = 0; j < right.length; j++) {
        right[j] *= scale;
        product[j] = left[j] * right[j];
      }
      products.add(product);
      factors.add(left);
      factors.add(right);
      at += widths[i];
    }
    return features;
  }

  /// Gradients of [#forward], each step's product and projection in reverse.
  ///
  /// @param dY `[rows, C]`, Read
  public Gradients backward(double[] x, Weights w, double[] dY) {
    int[] widths = GnConvWeights.widths(w.order(), C);
    List<double[]> products = new ArrayList<>();
    List<double[]> factors = new ArrayList<>();
    double[] features = steps(x, w, products, factors);
    Weights grad = w.zeros();
    int all = 2 * C - widths[0];
    double[] dConvolved = new double[rows * all];
    double[] dProjected = new double[rows * 2 * C];
    int last = w.order() + 1;
    double[] dProduct = linearBackward(products.getLast(), w.weight(last), dY, grad, last, C, C);
    int at = all;
    for (int i = widths.length - 1; i >= 0; i--) {
      at -= widths[i];
      double[] left = factors.get(2 * i);
      double[] right = factors.get(2 * i + 1);
      double[] dLeft = new double[left.length];
      double[] dRight = new double[left.length];
      for (int j = 0; j < left.length; j++) {
        dLeft[j] = dProduct[j] * right[j];
        dRight[j] = dProduct[j] * left[j] * scale;
      }
      put(dRight, dConvolved, all, at, widths[i]);
      if (i > 0) {
        dProduct =
            linearBackward(
                products.get(i - 1), w.weight(i + 1), dLeft, grad, i + 1, widths[i - 1], widths[i]);
      } else {
        put(dLeft, dProjected, 2 * C, 0, widths[0]);
      }
    }
    double[] dFeatures = new double[features.length];
    convolution.backward(
        features, w.weight(1), dConvolved, dFeatures, grad.weight(1), grad.bias(1));
    put(dFeatures, dProjected, 2 * C, widths[0], all);
    return new Gradients(linearBackward(x, w.weight(0), dProjected, grad, 0, C, 2 * C), grad);
  }

  private double[] linear(double[] x, double[] weight, double[] bias, int in, int out) {
    double[] y = new double[rows * out];
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < out; o++) {
        double sum = bias[o];
        for (int i = 0; i < in; i++) {
          sum += weight[o * in + i] * x[r * in + i];
        }
        y[r * out + o] = sum;
      }
    }
    return y;
  }

  private double[] linearBackward(
      double[] x, double[] weight, double[] dY, Weights grad, int index, int in, int out) {
    double[] dX = new double[rows * in];
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < out; o++) {
        double gradient = dY[r * out + o];
        grad.bias(index)[o] += gradient;
        for (int i = 0; i < in; i++) {
          dX[r * in + i] += weight[o * in + i] * gradient;
          grad.weight(index)[o * in + i] += x[r * in + i] * gradient;
        }
      }
    }
    return dX;
  }

  private double[] slice(double[] x, int width, int from, int to) {
    double[] part = new double[rows * (to - from)];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(x, r * width + from, part, r * (to - from), to - from);
    }
    return part;
  }

  private void put(double[] part, double[] whole, int width, int at, int columns) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(part, r * columns, whole, r * width + at, columns);
    }
  }
}
