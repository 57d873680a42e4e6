package dev.sluice.tasks.ops.linear;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;

/// Adds matrix products of cuBLAS to a graph, as library tasks.
///
/// cuBLAS takes whole arrays and column-major matrices: a row-major `[R, C]` is its transpose `[C,
/// R]` there. So `y = x·wᵀ` is computed as `yᵀ = w·xᵀ`, with `w` transposed back.
public final class CublasProduct {
  private static final String LIBRARY = "nvidia/cublas";
  private static final String FUNCTION = "cublasSgemm";
  private static final String REDUCED_FUNCTION = "cublasGemmExBF16";
  private static final String OPTIONS = "uk.ac.manchester.tornado.cublas.CuBlasOptions";
  private static final String MODES = "uk.ac.manchester.tornado.cublas.enums.CuBlasMathMode";
  private static final String TF32 = "CUBLAS_TF32_TENSOR_OP_MATH";
  private static final int AS_IT_IS = 0;
  private static final int TRANSPOSED = 1;
  private static final int RESULT = 11;
  private static final int PARAMETERS = 13;

  private final Tasks tasks;
  private final boolean tf32;
  private final boolean reduced;
  private final int outputStride;

  private CublasProduct(Tasks tasks, boolean tf32, boolean reduced, int outputStride) {
    this.tasks = tasks;
    this.tf32 = tf32;
    this.reduced = reduced;
    this.outputStride = outputStride;
  }

  /// Products of float32 matrices.
  ///
  /// @param tf32 whether operands may be rounded to 10 bits of mantissa, for the matrix units
  public CublasProduct(Tasks tasks, boolean tf32) {
    this(tasks, tf32, false, 0);
  }

  /// Products whose operands and results are in bfloat16, summed in float32. A tensor of integers
  /// has two of them in each.
  ///
  /// @param outputStride numbers from one row of `O` results, or their gradients, to the next
  public static CublasProduct reduced(Tasks tasks, int outputStride) {
    return new CublasProduct(tasks, false, true, outputStride);
  }

  private Object array(Tensor tensor) {
    return switch (tensor.type()) {
      case INT32 -> tasks.ints(tensor);
      case BFLOAT16 -> tasks.bfloats(tensor);
      default -> tasks.floats(tensor);
    };
  }

  private int stride(int O) {
    return outputStride == 0 ? O : outputStride;
  }

  /// `y = x·wᵀ`
  ///
  /// @param x `[R, I]`, Read
  /// @param w `[O, I]`, Read
  /// @param y `[R, O]`, Overwritten
  public void forward(String id, Tensor x, Tensor w, Tensor y, int R, int I, int O) {
    multiply(id, TRANSPOSED, AS_IT_IS, O, R, I, w, I, x, I, 0, y, stride(O));
  }

  /// `y = x·v`: [#forward] with the weight transposed before, for which cuBLAS has other kernels.
  ///
  /// @param x `[R, I]`, Read
  /// @param v `[I, O]`, Read
  /// @param y `[R, O]`, Overwritten
  public void forwardTransposed(String id, Tensor x, Tensor v, Tensor y, int R, int I, int O) {
    multiply(id, AS_IT_IS, AS_IT_IS, O, R, I, v, O, x, I, 0, y, stride(O));
  }

  /// `dX (+)= dY·w`
  ///
  /// @param w `[O, I]`, Read
  /// @param dY `[R, O]`, Read
  /// @param dX `[R, I]`, Overwritten, or Accumulated where `beta` is 1
  public void backwardInput(
      String id, Tensor w, Tensor dY, Tensor dX, int beta, int R, int I, int O) {
    multiply(id, AS_IT_IS, AS_IT_IS, I, R, O, w, I, dY, stride(O), beta, dX, I);
  }

  /// `dW (+)= dYᵀ·x`
  ///
  /// @param x `[R, I]`, Read
  /// @param dY `[R, O]`, Read
  /// @param dW `[O, I]`, Overwritten, or Accumulated where `beta` is 1
  public void backwardWeight(
      String id, Tensor x, Tensor dY, Tensor dW, int beta, int R, int I, int O) {
    multiply(id, AS_IT_IS, TRANSPOSED, I, O, R, x, I, dY, stride(O), beta, dW, I);
  }

  private void multiply(
      String id,
      int operationA,
      int operationB,
      int m,
      int n,
      int k,
      Tensor a,
      int strideA,
      Tensor b,
      int strideB,
      int beta,
      Tensor c,
      int strideC) {
    Access[] access = new Access[PARAMETERS];
    Arrays.fill(access, Access.READ_ONLY);
    access[RESULT] = beta == 0 ? Access.WRITE_ONLY : Access.READ_WRITE;
    LibraryTaskDescriptor descriptor =
        new LibraryTaskDescriptor()
            .withLibrary(LIBRARY)
            .withFunction(reduced ? REDUCED_FUNCTION : FUNCTION)
            .withParameters(
                new Object[] {
                  operationA,
                  operationB,
                  m,
                  n,
                  k,
                  1.0f,
                  array(a),
                  strideA,
                  array(b),
                  strideB,
                  (float) beta,
                  array(c),
                  strideC
                })
            .withAccess(access);
    tasks.library(id, tf32 ? descriptor.withTuning(tf32Options()) : descriptor);
  }

  /// The SDK's options for TF32. Their class is no part of the API that the embedded runtime
  /// implements, so they are made by name.
  private static Object tf32Options() {
    try {
      Class<?> options = Class.forName(OPTIONS);
      Class<?> modes = Class.forName(MODES);
      Object mode = modes.getField(TF32).get(null);
      return options
          .getMethod("withMathMode", modes)
          .invoke(options.getConstructor().newInstance(), mode);
    } catch (ReflectiveOperationException e) {
      throw new GraphException(
          "this TornadoVM SDK has no cuBLAS options for TF32 (" + OPTIONS + "); take fp32", e);
    }
  }
}
