package dev.sluice.tasks.ops.selectivescan;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.Sequences;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp.Call;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp.Dimensions;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp.Inputs;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Appends the backward pass of the selective scan.
final class SelectiveScanGradients {
  private static final int ROW_BLOCKS = 64;

  private SelectiveScanGradients() {}

  /// Gradients of the outputs, null for zero, and where those of the inputs go; those of absent
  /// inputs go to arrays that nobody reads.
  record Flow(
      @Nullable Tensor dY,
      @Nullable Tensor dHt,
      Tensor dU,
      Tensor dDelta,
      Tensor dA,
      Tensor dB,
      Tensor dC,
      Tensor dSkip,
      Tensor dZ,
      Tensor dBias,
      Tensor dH0) {
    int reached() {
      return dY == null ? 0 : 1;
    }

    int stateReached() {
      return dHt == null ? 0 : 1;
    }
  }

  private record Scratch(
      Tensor dSum,
      Tensor dStep,
      Tensor total,
      Tensor dStates,
      Tensor x,
      Tensor partialA,
      Tensor partialB,
      Tensor partialC,
      Tensor partialSkip,
      Tensor partialBias) {
    static Scratch of(Graph graph, Call call, int blocks) {
      Dimensions dims = call.dims();
      int chunks = call.chunks().count();
      Shape shape = Shape.of(dims.rows(), dims.columns());
      Shape states = Shape.of(chunks, dims.columns(), dims.states());
      Shape projections = Shape.of(blocks, dims.rows(), dims.states());
      Shape sums = Shape.of(ROW_BLOCKS, dims.columns());
      return new Scratch(
          graph.activation("selective_scan.d_sum", shape),
          graph.activation("selective_scan.d_step", shape),
          graph.activation("selective_scan.total", Shape.of(chunks, dims.columns())),
          graph.activation("selective_scan.d_states", states),
          graph.activation(
              "selective_scan.x", Shape.of(chunks, blocks, SelectiveScanGradientKernels.CHUNK)),
          graph.activation("selective_scan.partial_a", states),
          graph.activation("selective_scan.partial_b", projections),
          graph.activation("selective_scan.partial_c", projections),
          graph.activation("selective_scan.partial_skip", sums),
          graph.activation("selective_scan.partial_bias", sums));
    }

    Tensor[] all() {
      return new Tensor[] {
        dSum, dStep, total, dStates, x, partialA, partialB, partialC, partialSkip, partialBias
      };
    }
  }

  static void append(Gradients gradients, Call call) {
    Graph graph = gradients.graph();
    Inputs in = call.in();
    Flow flow =
        new Flow(
            gradients.find(call.output()),
            gradients.find(call.finalState()),
            gradients.fresh(in.u()),
            gradients.fresh(in.delta()),
            gradients.fresh(in.a()),
            gradients.fresh(in.b()),
            gradients.fresh(in.c()),
            gradients.fresh(in.skip()),
            freshOr(gradients, in.z(), in.u()),
            freshOr(gradients, in.deltaBias(), in.skip()),
            freshOr(gradients, in.initialState(), call.finalState()));
    List<Tensor> reads = new ArrayList<>(in.present());
    reads.addAll(
        Sequences.present(
            call.step(),
            call.sum(),
            call.states(),
            call.chunks().bounds(),
            call.chunks().first(),
            flow.dY(),
            flow.dHt()));
    var node =
        graph
            .node("selective_scan.backward")
            .reads(reads)
            .writes(
                flow.dU(),
                flow.dDelta(),
                flow.dA(),
                flow.dB(),
                flow.dC(),
                flow.dSkip(),
                flow.dZ(),
                flow.dBias(),
                flow.dH0());
    if (call.form() == SelectiveScanImplementation.HOST) {
      SelectiveScanHostBackward.append(node, call, flow);
      return;
    }
    int blocks =
        (call.dims().columns() + SelectiveScanGradientKernels.BLOCK - 1)
            / SelectiveScanGradientKernels.BLOCK;
    Scratch scratch = Scratch.of(graph, call, blocks);
    node.scratch(scratch.all())
        .lower(t -> {
          outputs(t, call, flow, scratch);
          states(t, call, flow, scratch);
          inputs(t, call, flow, scratch);
          sums(t, call, flow, scratch, blocks);
        });
  }

  private static Tensor freshOr(Gradients gradients, @Nullable Tensor input, Tensor like) {
    return input == null
        ? gradients.graph().activation("selective_scan.unused", like.shape())
        : gradients.fresh(input);
  }

  private static void outputs(Tasks t, Call call, Flow flow, Scratch scratch) {
    Inputs in = call.in();
    t.task(
        "finish",
        Grid.PARALLEL,
        SelectiveScanGradientKernels::finish,
        t.floats(in.skip()),
        t.floats(OptionalTensors.or(in.z(), in.u())),
        t.floats(call.sum()),
        t.floats(OptionalTensors.or(flow.dY(), call.sum())),
        t.floats(scratch.dSum()),
        t.floats(flow.dZ()),
        t.floats(flow.dU()),
        call.gated(),
        flow.reached(),
        call.dims().rows(),
        call.dims().columns());
  }

  private static void states(Tasks t, Call call, Flow flow, Scratch scratch) {
    Inputs in = call.in();
    Dimensions dims = call.dims();
    t.task(
        "states",
        Grid.PARALLEL,
        SelectiveScanGradientKernels::chunkStates,
        t.floats(call.step()),
        t.floats(in.a()),
        t.floats(in.c()),
        t.ints(call.chunks().bounds()),
        t.floats(scratch.dSum()),
        t.floats(scratch.total()),
        t.floats(scratch.dStates()),
        call.chunks().count(),
        dims.columns(),
        dims.states());
    t.task(
        "pass",
        Grid.PARALLEL,
        SelectiveScanGradientKernels::passStates,
        t.floats(in.a()),
        t.floats(OptionalTensors.or(flow.dHt(), scratch.total())),
        t.ints(call.chunks().first()),
        t.floats(scratch.total()),
        t.floats(scratch.dStates()),
        t.floats(flow.dH0()),
        flow.stateReached(),
        dims.sequences(),
        dims.columns(),
        dims.states());
  }

  private static void inputs(Tasks t, Call call, Flow flow, Scratch scratch) {
    Inputs in = call.in();
    Dimensions dims = call.dims();
    t.task(
        "inputs",
        Grid.PARALLEL,
        SelectiveScanGradientKernels::chunkInputs,
        t.floats(in.u()),
        t.floats(call.step()),
        t.floats(in.a()),
        t.floats(in.b()),
        t.floats(in.c()),
        t.floats(call.states()),
        t.ints(call.chunks().bounds()),
        t.floats(scratch.dSum()),
        t.floats(scratch.dStates()),
        t.floats(scratch.x()),
        t.floats(scratch.dStep()),
        t.floats(flow.dU()),
        t.floats(scratch.partialA()),
        t.floats(scratch.partialB()),
        t.floats(scratch.partialC()),
        call.chunks().count(),
        dims.rows(),
        dims.columns(),
        dims.states());
    t.task(
        "steps",
        Grid.PARALLEL,
        SelectiveScanGradientKernels::steps,
        t.floats(in.delta()),
        t.floats(OptionalTensors.or(in.deltaBias(), in.skip())),
        t.floats(scratch.dStep()),
        t.floats(flow.dDelta()),
        call.biased(),
        dims.rows(),
        dims.columns());
    t.task(
        "rows",
        Grid.PARALLEL,
        SelectiveScanGradientKernels::rowSums,
        t.floats(in.u()),
        t.floats(scratch.dSum()),
        t.floats(flow.dDelta()),
        t.floats(scratch.partialSkip()),
        t.floats(scratch.partialBias()),
        ROW_BLOCKS,
        dims.rows(),
        dims.columns());
  }

  private static void sums(Tasks t, Call call, Flow flow, Scratch scratch, int blocks) {
    Dimensions dims = call.dims();
    sum(t, "a", scratch.partialA(), flow.dA(), call.chunks().count(), dims.stateElements());
    sum(t, "b", scratch.partialB(), flow.dB(), blocks, dims.rows() * dims.states());
    sum(t, "c", scratch.partialC(), flow.dC(), blocks, dims.rows() * dims.states());
    sum(t, "skip", scratch.partialSkip(), flow.dSkip(), ROW_BLOCKS, dims.columns());
    sum(t, "bias", scratch.partialBias(), flow.dBias(), ROW_BLOCKS, dims.columns());
  }

  /// Adds the task `total[j] = Σ_i partial[i,j]`.
  static void sum(Tasks t, String id, Tensor partial, Tensor total, int count, int size) {
    t.task(
        id,
        Grid.PARALLEL,
        SelectiveScanGradientKernels::sum,
        t.floats(partial),
        t.floats(total),
        count,
        size);
  }
}
