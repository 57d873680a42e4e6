package dev.sluice.tasks.ops.shortconvolution;

import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What a short convolution reads. Where a tensor is not there, a kernel gets another one, which it
/// does not touch.
///
/// @param sequence scratch of packed sequences: which one a row is of
record ShortConvolutionTensors(
    Tensor x,
    Tensor weight,
    @Nullable Tensor bias,
    @Nullable Tensor initialState,
    @Nullable Tensor cuSeqlens,
    Tensor sequence,
    Dimensions dims) {
  /// @param rows of all sequences
  /// @param time steps of a sequence, where not packed
  /// @param columns channels
  /// @param width time steps of a window
  record Dimensions(int rows, int time, int columns, int width, int sequences, boolean silu) {}

  /// All tensors that there are.
  List<Tensor> all() {
    List<Tensor> all = new ArrayList<>(differentiable());
    if (cuSeqlens != null) {
      all.add(cuSeqlens);
    }
    all.add(sequence);
    return all;
  }

  List<Tensor> differentiable() {
    List<Tensor> tensors = new ArrayList<>(List.of(x, weight));
    if (bias != null) {
      tensors.add(bias);
    }
    if (initialState != null) {
      tensors.add(initialState);
    }
    return tensors;
  }

  Tensor biasOrOther() {
    return bias == null ? x : bias;
  }

  Tensor initialOrOther() {
    return initialState == null ? x : initialState;
  }

  IntArray bounds(Tasks tasks) {
    return tasks.ints(cuSeqlens == null ? sequence : cuSeqlens);
  }

  IntArray sequences(Tasks tasks) {
    return tasks.ints(sequence);
  }

  int useBias() {
    return bias == null ? 0 : 1;
  }

  int useInitial() {
    return initialState == null ? 0 : 1;
  }

  int packed() {
    return cuSeqlens == null ? 0 : 1;
  }
}
