package dev.sluice.tasks.ops.elementwise;

import java.util.Locale;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The functions of single elements, with their kernels.
enum Function {
  SILU(FunctionKernels::forwardSilu, FunctionKernels::backwardSilu),
  GELU(FunctionKernels::forwardGelu, FunctionKernels::backwardGelu),
  SIGMOID(FunctionKernels::forwardSigmoid, FunctionKernels::backwardSigmoid),
  LOG_SIGMOID(FunctionKernels::forwardLogSigmoid, FunctionKernels::backwardLogSigmoid),
  SOFTPLUS(FunctionKernels::forwardSoftplus, FunctionKernels::backwardSoftplus),
  EXP(FunctionKernels::forwardExp, FunctionKernels::backwardExp),
  TANH(FunctionKernels::forwardTanh, FunctionKernels::backwardTanh),
  RELU(FunctionKernels::forwardRelu, FunctionKernels::backwardRelu),
  ELU_PLUS_ONE(FunctionKernels::forwardEluPlusOne, FunctionKernels::backwardEluPlusOne);

  final Task3<FloatArray, FloatArray, Integer> forward;
  final Task5<FloatArray, FloatArray, FloatArray, Integer, Integer> backward;

  Function(
      Task3<FloatArray, FloatArray, Integer> forward,
      Task5<FloatArray, FloatArray, FloatArray, Integer, Integer> backward) {
    this.forward = forward;
    this.backward = backward;
  }

  /// The name of its tensors.
  String tensorName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
