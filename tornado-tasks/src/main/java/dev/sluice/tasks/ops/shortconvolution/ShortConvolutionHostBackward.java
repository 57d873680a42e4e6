package dev.sluice.tasks.ops.shortconvolution;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.ScalarMath;
import dev.sluice.tasks.host.VectorMath;
import java.util.Arrays;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// The short convolution's gradients with the Vector API, in one pass over blocks of rows that stay
/// in the cache: `dz = dY ⊙ f'(z)`, with `z` computed again; `dX[s] = Σ_j w_j ⊙ dz[s + W−1−j]`, and
/// sums for the weights and the bias, which are added up in the order of the parts.
final class ShortConvolutionHostBackward {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final int ROWS = 64;

  /// Most parts, each with sums of its own.
  private static final int PARTS = 64;

  private final ShortConvolutionHost forward;
  private final Targets targets;
  private final int D;
  private final int W;
  private final int rowsOfPart;
  private final IntConsumer part = this::part;
  private final Step gradientStep = this::gradientStep;
  private final Step inputStep = this::inputStep;
  private final Step weightStep = this::weightStep;

  /// @param dY `[R, D]`, Read, or null for zeros
  /// @param dFinal `[N, W−1, D]`, Read, or null for zeros
  /// @param dX `[R, D]`, Overwritten or Accumulated, or null where it is not wanted
  /// @param dW `[D, W]`, likewise
  /// @param dBias `[D]`, likewise
  /// @param dInitial `[N, W−1, D]`, likewise
  /// @param partial [#partialSize] floats, Overwritten
  record Targets(
      float @Nullable [] dY,
      float @Nullable [] dFinal,
      float @Nullable [] dX,
      boolean addX,
      float @Nullable [] dW,
      boolean addW,
      float @Nullable [] dBias,
      boolean addBias,
      float @Nullable [] dInitial,
      boolean addInitial,
      float[] partial) {}

  ShortConvolutionHostBackward(ShortConvolutionHost forward, Targets targets) {
    this.forward = forward;
    this.targets = targets;
    D = forward.D;
    W = forward.W;
    rowsOfPart = rowsOfPart(forward.dims.rows());
  }

  private static int rowsOfPart(int rows) {
    return Math.max(ROWS, Math.ceilDiv(rows, PARTS));
  }

  private static int parts(int rows) {
    return Math.ceilDiv(rows, rowsOfPart(rows));
  }

  /// Floats of the sums of all parts.
  static int partialSize(ShortConvolutionTensors.Dimensions dims) {
    return parts(dims.rows()) * (dims.width() + 1) * dims.columns();
  }

  void run(Workers workers) {
    forward.turn();
    workers.run(parts(forward.dims.rows()), part);
    sumParts();
    float[] dInitial = targets.dInitial();
    if (dInitial != null) {
      for (int n = 0; n < forward.dims.sequences(); n++) {
        initial(n, dInitial);
      }
    }
  }

  private void part(int number) {
    int size = (W + 1) * D;
    int sums = number * size;
    Arrays.fill(targets.partial(), sums, sums + size, 0.0f);
    int last = Math.min(forward.dims.rows(), (number + 1) * rowsOfPart);
    int r = number * rowsOfPart;
    while (r < last) {
      int n = forward.sequence(r);
      int stop = Math.min(last, Math.min(forward.end(n), r + ROWS));
      block(n, r, stop, sums);
      r = stop;
    }
  }

  /// Rows `from … to−1` of sequence `n`.
  private void block(int n, int from, int to, int sums) {
    int start = forward.start(n);
    int end = forward.end(n);
    int rows = to - from + W - 1;
    float[] dz = ShortConvolutionScratch.gradients(rows * D);
    float[] edge = ShortConvolutionScratch.edge(W * D);
    gradients(n, from, Math.min(end, to + W - 1), dz, edge);
    int known = Math.min(end, to + W - 1) - from;
    Arrays.fill(dz, known * D, rows * D, 0.0f);
    int r = from;
    float[] dX = targets.dX();
    boolean parameters = targets.dW() != null || targets.dBias() != null;
    if (dX != null && parameters && W == ShortConvolutionFour.WIDTH) {
      // The last rows of a sequence may get a share of the final state's gradient.
      int plain = targets.dFinal() == null ? to : Math.min(to, end - (W - 1));
      int last = r + Math.max(0, plain - r) / ShortConvolutionFour.ROWS * ShortConvolutionFour.ROWS;
      run(inputStep, r, last, dz, 0, sums);
      run(weightStep, r, last, dz, 0, sums);
      r = last;
    }
    if (parameters) {
      if (from == start) {
        addInitial(n, start, Math.min(end, start + W - 1), dz, edge, sums);
      }
      addProducts(to - r, r * D, dz, (r - from) * D, sums);
    }
    for (; dX != null && r < to; r++) {
      input(n, r, end, dz, (r - from) * D, dX, edge);
    }
  }

  /// `dz` of rows `from … to−1`.
  private void gradients(int n, int from, int to, float[] dz, float[] window) {
    float[] dY = targets.dY();
    if (dY == null) {
      Arrays.fill(dz, 0, (to - from) * D, 0.0f);
    } else if (forward.dims.silu()) {
      int start = forward.start(n);
      int edge = W == ShortConvolutionFour.WIDTH ? Math.min(to, start + W - 1) : to;
      int r = from;
      for (; r < edge; r++) {
        forward.convolve(n, r, start, window, dz, (r - from) * D);
        throughSilu(dY, r * D, dz, (r - from) * D);
      }
      run(gradientStep, r, to, dz, (r - from) * D, 0);
    } else {
      System.arraycopy(dY, from * D, dz, 0, (to - from) * D);
    }
  }

  /// `z ← dY ⊙ silu'(z)`
  private void throughSilu(float[] dY, int at, float[] z, int to) {
    int c = 0;
    for (; c + L <= D; c += L) {
      FloatVector g = FloatVector.fromArray(S, dY, at + c);
      g.mul(VectorMath.siluGradient(FloatVector.fromArray(S, z, to + c))).intoArray(z, to + c);
    }
    for (; c < D; c++) {
      z[to + c] = dY[at + c] * ScalarMath.siluGradient(z[to + c]);
    }
  }

  /// The gradient of row `r` from those of its window, which begins at `first` in `dz`.
  private void input(int n, int r, int end, float[] dz, int first, float[] dX, float[] row) {
    int reversed = W * D;
    float[] to = targets.addX() ? row : dX;
    int at = targets.addX() ? 0 : r * D;
    forward.sums(dz, first, reversed, false, to, at);
    int kept = r - (end - (W - 1));
    float[] dFinal = targets.dFinal();
    if (dFinal != null && kept >= 0) {
      add(dFinal, (n * (W - 1) + kept) * D, to, at);
    }
    if (targets.addX()) {
      add(row, 0, dX, r * D);
    }
  }

  /// `partial_j += Σ_r x_r ⊙ dz_(r+W−1−j)`, and `Σ_r dz_r` behind them, over `rows` rows.
  private void addProducts(int rows, int first, float[] dz, int at, int sums) {
    float[] partial = targets.partial();
    float[] x = forward.x;
    int size = D;
    int bound = size - size % L;
    for (int c = 0; c < bound; c += L) {
      for (int j = 0; j < W; j++) {
        FloatVector sum = FloatVector.fromArray(S, partial, sums + j * size + c);
        int a = first + c;
        int b = at + (W - 1 - j) * size + c;
        for (int r = 0; r < rows; r++) {
          FloatVector g = FloatVector.fromArray(S, dz, b + r * size);
          sum = g.fma(FloatVector.fromArray(S, x, a + r * size), sum);
        }
        sum.intoArray(partial, sums + j * size + c);
      }
      FloatVector sum = FloatVector.fromArray(S, partial, sums + W * size + c);
      for (int r = 0; r < rows; r++) {
        sum = sum.add(FloatVector.fromArray(S, dz, at + c + r * size));
      }
      sum.intoArray(partial, sums + W * size + c);
    }
    for (int r = 0; r < rows; r++) {
      for (int c = bound; c < size; c++) {
        float u = x[first + r * size + c];
        for (int j = 0; j < W; j++) {
          int to = sums + j * size + c;
          partial[to] = Math.fma(dz[at + (r + W - 1 - j) * size + c], u, partial[to]);
        }
        partial[sums + W * size + c] += dz[at + r * size + c];
      }
    }
  }

  /// The products of a sequence's first rows, those before `to`, with its initial state.
  private void addInitial(int n, int start, int to, float[] dz, float[] row, int sums) {
    float[] partial = targets.partial();
    for (int before = 1; before < W; before++) {
      forward.copyInput(n, start - before, row, 0);
      for (int j = 0; j < W; j++) {
        // Row r has the input of this row as its j-th where r − (W−1) + j = start − before.
        int r = W - 1 - j - before;
        if (r >= 0 && start + r < to) {
          for (int c = 0; c < D; c++) {
            int at = sums + j * D + c;
            partial[at] = Math.fma(dz[r * D + c], row[c], partial[at]);
          }
        }
      }
    }
  }

  /// What is done with rows `from … to−1`, whose `dz` begin at `at`.
  @FunctionalInterface
  private interface Step {
    void run(int from, int to, float[] dz, int at, int sums);
  }

  /// The one place where steps are called: there are three, so the compiler keeps each by itself.
  /// All in one method, it would make objects of vectors.
  private static void run(Step step, int from, int to, float[] dz, int at, int sums) {
    step.run(from, to, dz, at, sums);
  }

  private void gradientStep(int from, int to, float[] dz, int at, int sums) {
    float[] dY = targets.dY();
    if (dY != null) {
      ShortConvolutionFour.siluGradient(
          to - from,
          D,
          forward.x,
          (from - (W - 1)) * D,
          forward.turned,
          0,
          forward.biasAt(),
          dY,
          from * D,
          dz,
          at);
    }
  }

  private void inputStep(int from, int to, float[] dz, int at, int sums) {
    float[] dX = targets.dX();
    for (int r = from; dX != null && r < to; r += ShortConvolutionFour.ROWS) {
      ShortConvolutionFour.input(
          D, dz, at + (r - from) * D, forward.turned, W * D, dX, r * D, targets.addX());
    }
  }

  private void weightStep(int from, int to, float[] dz, int at, int sums) {
    for (int r = from; r < to; r += ShortConvolutionFour.ROWS) {
      ShortConvolutionFour.weights(
          D, dz, at + (r - from) * D, forward.x, r * D, targets.partial(), sums);
    }
  }

  private void sumParts() {
    int count = parts(forward.dims.rows());
    int size = (W + 1) * D;
    float[] partial = targets.partial();
    for (int p = 1; p < count; p++) {
      for (int i = 0; i < size; i++) {
        partial[i] += partial[p * size + i];
      }
    }
    float[] dW = targets.dW();
    if (dW != null) {
      for (int c = 0; c < D; c++) {
        for (int j = 0; j < W; j++) {
          float sum = partial[j * D + c];
          dW[c * W + j] = targets.addW() ? dW[c * W + j] + sum : sum;
        }
      }
    }
    float[] dBias = targets.dBias();
    if (dBias != null) {
      for (int c = 0; c < D; c++) {
        float sum = partial[W * D + c];
        dBias[c] = targets.addBias() ? dBias[c] + sum : sum;
      }
    }
  }

  /// The gradient of sequence `n`'s initial state, row `i` of which is W−1−i rows before the first.
  private void initial(int n, float[] dInitial) {
    int start = forward.start(n);
    int end = forward.end(n);
    int rows = Math.min(W - 1, end - start);
    float[] dz = ShortConvolutionScratch.gradients((2 * W - 2) * D);
    float[] row = ShortConvolutionScratch.edge(W * D);
    Arrays.fill(dz, 0, (2 * W - 2) * D, 0.0f);
    if (rows > 0) {
      // Rows before the first have no gradient: zeros stand before the others.
      gradients(n, start, start + rows, dz, row);
      System.arraycopy(dz, 0, dz, (W - 1) * D, rows * D);
      Arrays.fill(dz, 0, (W - 1) * D, 0.0f);
    }
    float[] dFinal = targets.dFinal();
    for (int i = 0; i < W - 1; i++) {
      forward.sums(dz, i * D, W * D, false, row, 0);
      int kept = i - (end - start);
      if (dFinal != null && kept >= 0) {
        add(dFinal, (n * (W - 1) + kept) * D, row, 0);
      }
      int to = (n * (W - 1) + i) * D;
      if (!targets.addInitial()) {
        Arrays.fill(dInitial, to, to + D, 0.0f);
      }
      add(row, 0, dInitial, to);
    }
  }

  private void add(float[] from, int at, float[] to, int first) {
    for (int c = 0; c < D; c++) {
      to[first + c] += from[at + c];
    }
  }
}
