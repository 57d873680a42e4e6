package dev.sluice.tasks.ops.linearcrossentropy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What only the forms through cuBLAS use.
class LinearCrossEntropyKernelsTest {
  @Test
  void transposesTheWeight() {
    int vocabulary = 11;
    int columns = 3;
    float[] weight = OpCheck.normal(1, vocabulary * columns);
    OpProbe probe = new OpProbe(Devices.preferred(), Choices.automatic());
    Tensor w = probe.constant("w", Shape.of(vocabulary, columns), weight);
    Tensor v = probe.graph().activation("v", Shape.of(columns, vocabulary));
    probe
        .graph()
        .node("transpose")
        .reads(w)
        .writes(v)
        .lower(t ->
            t.task(
                "transpose",
                Grid.PARALLEL,
                LinearCrossEntropyKernels::transpose,
                t.floats(w),
                t.floats(v),
                vocabulary,
                columns));
    float[] transposed = probe.run(Map.of("v", v), Map.of()).get("v");
    for (int u = 0; u < vocabulary; u++) {
      for (int d = 0; d < columns; d++) {
        assertEquals(weight[u * columns + d], transposed[d * vocabulary + u]);
      }
    }
  }
}
