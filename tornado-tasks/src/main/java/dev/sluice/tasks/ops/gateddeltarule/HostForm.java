package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.HeadGroups;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// The host's chunked form: [GatedDeltaRuleHost] and [GatedDeltaRuleHostBackward] as nodes.
final class HostForm implements GatedDeltaRuleForm {
  @Override
  public List<Tensor> forward(
      Graph graph, Inputs in, Tensor output, Tensor last, GatedDeltaRuleDimensions dims) {
    Tensor residual = graph.activation(in.name() + ".residual", dims.values());
    Tensor kept =
        graph.activation(in.name() + ".kept", dims.keptStates(GatedDeltaRuleHost.INTERVAL));
    List<Tensor> saved = new ArrayList<>(List.of(residual, kept));
    if (dims.normalized()) {
      saved.add(graph.activation(in.name() + ".factors", dims.factors()));
    }
    Tensor[] written = RecurrentForm.with(saved, output, last).toArray(Tensor[]::new);
    graph
        .node(in.name() + ".forward")
        .reads(in.all())
        .writes(written)
        .lower(t -> {
          GatedDeltaRuleHost.Sizes sizes = sizes(dims);
          IntConsumer part =
              GatedDeltaRuleHost.forward(sizes, arrays(t, in, saved), t.heap(output), t.heap(last));
          t.host("forward", workers -> workers.run(sizes.parts(), part));
        });
    return saved;
  }

  @Override
  public void backward(
      Graph graph, Inputs in, List<Tensor> saved, Cotangents d, GatedDeltaRuleDimensions dims) {
    List<Tensor> reads = RecurrentForm.with(in.all(), saved.toArray(Tensor[]::new));
    graph
        .node(in.name() + ".backward")
        .reads(RecurrentForm.with(reads, d.dO(), d.dLast()))
        .writes(d.written())
        .lower(t -> {
          GatedDeltaRuleHost.Sizes sizes = sizes(dims);
          IntConsumer part =
              GatedDeltaRuleHostBackward.backward(
                  sizes,
                  arrays(t, in, saved),
                  new GatedDeltaRuleHostBackward.Gradients(
                      t.heap(d.dO()),
                      d.dLast() == null ? null : t.heap(d.dLast()),
                      t.heap(d.dQ()),
                      t.heap(d.dK()),
                      t.heap(d.dV()),
                      d.dG() == null ? null : t.heap(d.dG()),
                      t.heap(d.dBeta()),
                      t.heap(d.dInitial())));
          t.host("backward", workers -> workers.run(sizes.parts(), part));
        });
  }

  private static GatedDeltaRuleHost.Sizes sizes(GatedDeltaRuleDimensions dims) {
    int values = dims.valueHeads() / dims.keyHeads() * dims.valueSize();
    int size = Math.max(dims.keySize(), values);
    return new GatedDeltaRuleHost.Sizes(
        dims.sequences(),
        dims.length(),
        dims.keyHeads(),
        dims.valueHeads(),
        dims.keySize(),
        dims.valueSize(),
        dims.scale(),
        HeadGroups.of(dims.sequences(), dims.keyHeads(), size, Workers.shared().threads()));
  }

  private static GatedDeltaRuleHost.Arrays arrays(Tasks t, Inputs in, List<Tensor> saved) {
    return new GatedDeltaRuleHost.Arrays(
        t.heap(in.q()),
        t.heap(in.k()),
        t.heap(in.v()),
        in.g() == null ? null : t.heap(in.g()),
        t.heap(in.beta()),
        in.initial() == null ? null : t.heap(in.initial()),
        in.cuSeqlens() == null ? null : t.heapInts(in.cuSeqlens()),
        saved.size() == 2 ? null : t.heap(saved.get(2)),
        t.heap(saved.get(0)),
        t.heap(saved.get(1)));
  }
}
