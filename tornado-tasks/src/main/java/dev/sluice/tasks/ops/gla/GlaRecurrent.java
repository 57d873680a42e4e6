package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import java.util.Arrays;
import java.util.List;

/// The nodes of [GlaKernels].
final class GlaRecurrent implements GlaForm {
  @Override
  public List<Tensor> forward(
      Graph graph, GlaInputs in, Tensor output, Tensor finalState, GlaDimensions dims) {
    Tensor decay = graph.activation("gla.decay", dims.keyShape());
    Tensor offsets = offsets(graph, in);
    graph
        .node("gla.forward")
        .reads(in.with())
        .writes(output, finalState)
        .scratch(scratch(in, decay, offsets))
        .lower(t -> {
          exponentiate(t, in.g(), decay, dims);
          t.task(
              "forward",
              Grid.PARALLEL,
              GlaKernels::forward,
              t.floats(in.q()),
              t.floats(in.k()),
              t.floats(in.v()),
              t.floats(decay),
              t.floats(OptionalTensors.or(in.initialState(), in.v())),
              t.ints(offsets),
              t.floats(output),
              t.floats(finalState),
              dims.scale(),
              OptionalTensors.flag(in.initialState()),
              dims.packedFlag(),
              dims.sequences(),
              dims.length(),
              dims.heads(),
              dims.keySize(),
              dims.valueSize());
        });
    return List.of();
  }

  @Override
  public void backward(
      Graph graph, GlaInputs in, List<Tensor> saved, GlaGradients out, GlaDimensions dims) {
    Tensor decay = graph.activation("gla.decay", dims.keyShape());
    Tensor state = graph.activation("gla.state", dims.stateShape());
    Tensor offsets = offsets(graph, in);
    var to = GlaStandIns.of(graph, out, dims, scratch(in, decay, offsets, state));
    graph
        .node("gla.backward")
        .reads(out.read(in, saved))
        .writes(out.written())
        .scratch(to.scratch())
        .lower(t -> {
          exponentiate(t, in.g(), decay, dims);
          backwardQuery(t, in, out, decay, offsets, to.gates(), state, dims);
          backwardKey(t, in, out, decay, offsets, to.gates(), to.dH0(), dims);
          backwardValue(t, in, out, decay, offsets, state, dims);
          if (dims.gate() == GateKind.HEAD && out.dG() != null) {
            t.task(
                "gates",
                Grid.PARALLEL,
                GlaKernels::sumKeys,
                t.floats(to.gates()),
                t.floats(out.dG()),
                dims.rows() * dims.heads(),
                dims.keySize());
          }
        });
  }

  private static void exponentiate(Tasks t, Tensor g, Tensor decay, GlaDimensions dims) {
    t.task(
        "decay",
        Grid.PARALLEL,
        GlaKernels::exponentiate,
        t.floats(g),
        t.floats(decay),
        dims.gate().timeStride(dims.heads(), dims.keySize()),
        dims.gate().headStride(dims.keySize()),
        dims.gate().keyStride(),
        dims.rows(),
        dims.heads(),
        dims.keySize());
  }

  private static void backwardQuery(
      Tasks t,
      GlaInputs in,
      GlaGradients out,
      Tensor decay,
      Tensor offsets,
      Tensor gates,
      Tensor state,
      GlaDimensions dims) {
    t.task(
        "query",
        Grid.PARALLEL,
        GlaKernels::backwardQuery,
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(in.v()),
        t.floats(decay),
        t.floats(OptionalTensors.or(in.initialState(), in.v())),
        t.ints(offsets),
        t.floats(out.dO()),
        t.floats(OptionalTensors.or(out.dHt(), out.dO())),
        t.floats(out.dQ()),
        t.floats(gates),
        t.floats(state),
        dims.scale(),
        OptionalTensors.flag(in.initialState()),
        OptionalTensors.flag(out.dHt()),
        dims.packedFlag(),
        dims.sequences(),
        dims.length(),
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void backwardKey(
      Tasks t,
      GlaInputs in,
      GlaGradients out,
      Tensor decay,
      Tensor offsets,
      Tensor gates,
      Tensor dS,
      GlaDimensions dims) {
    t.task(
        "key",
        Grid.PARALLEL,
        GlaKernels::backwardKey,
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(in.v()),
        t.floats(decay),
        t.ints(offsets),
        t.floats(out.dO()),
        t.floats(OptionalTensors.or(out.dHt(), out.dO())),
        t.floats(out.dK()),
        t.floats(gates),
        t.floats(dS),
        dims.scale(),
        OptionalTensors.flag(out.dHt()),
        dims.packedFlag(),
        dims.sequences(),
        dims.length(),
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  private static void backwardValue(
      Tasks t,
      GlaInputs in,
      GlaGradients out,
      Tensor decay,
      Tensor offsets,
      Tensor dS,
      GlaDimensions dims) {
    t.task(
        "value",
        Grid.PARALLEL,
        GlaKernels::backwardValue,
        t.floats(in.q()),
        t.floats(in.k()),
        t.floats(decay),
        t.ints(offsets),
        t.floats(out.dO()),
        t.floats(OptionalTensors.or(out.dHt(), out.dO())),
        t.floats(out.dV()),
        t.floats(dS),
        dims.scale(),
        OptionalTensors.flag(out.dHt()),
        dims.packedFlag(),
        dims.sequences(),
        dims.length(),
        dims.heads(),
        dims.keySize(),
        dims.valueSize());
  }

  /// The offsets, or a stand-in that is never read: a kernel's arguments are not optional.
  private static Tensor offsets(Graph graph, GlaInputs in) {
    return OptionalTensors.or(
        in.offsets(), graph.activation("gla.no_offsets", Shape.of(1), ElementType.INT32));
  }

  private static Tensor[] scratch(GlaInputs in, Tensor decay, Tensor offsets, Tensor... others) {
    Tensor[] scratch = append(others, decay);
    return in.offsets() == null ? append(scratch, offsets) : scratch;
  }

  private static Tensor[] append(Tensor[] tensors, Tensor tensor) {
    Tensor[] longer = Arrays.copyOf(tensors, tensors.length + 1);
    longer[tensors.length] = tensor;
    return longer;
  }
}
