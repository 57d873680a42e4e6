package dev.sluice.tasks.ops.gla;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The nodes of [GlaHost].
final class GlaOnHost implements GlaForm {
  /// Slots a thread, so that a thread that was held up leaves the rest to others.
  private static final int SLOTS_PER_THREAD = 4;

  @Override
  public List<Tensor> forward(
      Graph graph, GlaInputs in, Tensor output, Tensor finalState, GlaDimensions dims) {
    int group = GlaHost.group(dims, Workers.shared().threads());
    int slots = slots(dims, group);
    Tensor scratch = graph.activation("gla.scratch", Shape.of(GlaHost.scratch(dims, group, slots)));
    boolean differentiated = in.differentiable().stream().anyMatch(graph::needsGradient);
    List<Tensor> saved =
        differentiated ? List.of(graph.activation("gla.kept", GlaHost.keptShape(dims))) : List.of();
    List<Tensor> written = new ArrayList<>(List.of(output, finalState));
    written.addAll(saved);
    graph
        .node("gla.forward")
        .reads(in.with())
        .writes(written.toArray(Tensor[]::new))
        .scratch(scratch)
        .lower(t -> {
          GlaHost host = host(t, in, scratch, slots, group, dims);
          var into =
              new GlaHost.Outputs(
                  t.heap(output),
                  t.heap(finalState),
                  saved.isEmpty() ? null : t.heap(saved.get(0)));
          t.host("forward", workers -> host.forward(workers, into));
        });
    return saved;
  }

  @Override
  public void backward(
      Graph graph, GlaInputs in, List<Tensor> saved, GlaGradients out, GlaDimensions dims) {
    GlaSweep sweep = new GlaSweep(dims, null);
    int group = GlaHost.group(dims, Workers.shared().threads());
    int slots = slots(dims, group);
    Tensor scratch = graph.activation("gla.scratch", Shape.of(GlaHost.scratch(dims, group, slots)));
    Tensor dG = out.dG();
    boolean parts = dG != null && dims.gate() == GateKind.HEAD && sweep.keyPanels > 1;
    Tensor gates =
        parts
            ? graph.activation("gla.gates", Shape.of(dims.rows(), dims.heads(), sweep.keyPanels))
            : dG;
    Tensor[] all =
        parts ? new Tensor[] {scratch, Objects.requireNonNull(gates)} : new Tensor[] {scratch};
    graph
        .node("gla.backward")
        .reads(in.with(saved.get(0), out.dO(), out.dHt()))
        .writes(out.written())
        .scratch(all)
        .lower(t -> {
          GlaHost host = host(t, in, scratch, slots, group, dims);
          var into =
              new GlaHost.Cotangents(
                  t.heap(saved.get(0)),
                  t.heap(out.dO()),
                  heap(t, out.dHt()),
                  t.heap(out.dQ()),
                  t.heap(out.dK()),
                  t.heap(out.dV()),
                  heap(t, gates),
                  heap(t, out.dH0()));
          t.host("backward", workers -> host.backward(workers, into));
          if (parts && gates != null && dG != null) {
            t.task(
                "gates",
                Grid.PARALLEL,
                GlaKernels::sumKeys,
                t.floats(gates),
                t.floats(dG),
                dims.rows() * dims.heads(),
                sweep.keyPanels);
          }
        });
  }

  private static GlaHost host(
      Tasks t, GlaInputs in, Tensor scratch, int slots, int group, GlaDimensions dims) {
    return new GlaHost(
        dims,
        new GlaHost.Operands(
            t.heap(in.q()),
            t.heap(in.k()),
            t.heap(in.v()),
            t.heap(in.g()),
            heap(t, in.initialState())),
        in.offsets() == null ? null : t.heapInts(in.offsets()),
        t.heap(scratch),
        slots,
        group);
  }

  private static float @Nullable [] heap(Tasks t, @Nullable Tensor tensor) {
    return tensor == null ? null : t.heap(tensor);
  }

  private static int slots(GlaDimensions dims, int group) {
    return Math.min(GlaHost.items(dims, group), SLOTS_PER_THREAD * Workers.shared().threads());
  }
}
