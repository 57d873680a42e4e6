package dev.sluice.cli;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.deltarule.DeltaRuleOp;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleOp;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import dev.sluice.tasks.ops.gla.GlaOp;
import dev.sluice.tasks.ops.retention.RetentionOp;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the cases of each op file become a call of the op.
final class OpCases {
  private OpCases() {}

  static Map<String, Tensor> outputs(String op, OpConformance.Case in) {
    Graph graph = in.probe().graph();
    Tensor q = in.get("q");
    Tensor k = in.get("k");
    Tensor v = in.get("v");
    float scale = (float) (1 / Math.sqrt(q.shape().columns()));
    @Nullable Tensor start = in.find("h0");
    @Nullable Tensor offsets = in.find("cu_seqlens");
    return switch (op) {
      case "gla" -> of(GlaOp.apply(graph, q, k, v, in.get("g"), scale, start, offsets));
      case "retention" -> of(RetentionOp.apply(graph, q, k, v, scale, start, offsets));
      case "delta_rule" -> {
        var r = DeltaRuleOp.apply(graph, q, k, v, in.get("beta"), scale, start, offsets);
        yield Map.of("o", r.output(), "ht", r.finalState());
      }
      default -> {
        var r =
            GatedDeltaRuleOp.apply(
                graph, q, k, v, in.get("g"), in.get("beta"), scale, start, offsets);
        yield Map.of("o", r.output(), "ht", r.finalState());
      }
    };
  }

  private static Map<String, Tensor> of(GatedLinearAttention.Result result) {
    return Map.of("o", result.output(), "ht", result.finalState());
  }
}
