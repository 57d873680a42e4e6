package dev.sluice.tasks.ceiling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.util.List;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class CeilingTest {
  private static final double CLOSE = 1e-5;

  @Test
  void theChainsAreNotOptimizedAway() {
    float x = 0.5f;
    float y = 0.25f;
    FloatArray out = new FloatArray(2);
    CeilingKernels.multiplyAdd(IntArray.fromElements(3), FloatArray.fromElements(x, y), out, 2);
    for (int i = 0; i < 2; i++) {
      double sum = 0;
      for (double start : new double[] {i, y, x, i + y, i + x, i - y, i - x, x + y}) {
        double c = start;
        for (int round = 0; round < 3; round++) {
          c = c * x + y;
        }
        sum += c;
      }
      assertEquals(sum, out.get(i), CLOSE);
    }
  }

  @Test
  void copiesGoThereAndBack() {
    Device device = Devices.preferred();
    Variables variables = new Variables();
    Tensor from = variables.variable("from", Shape.of(3), ElementType.FLOAT32);
    Tensor to = variables.variable("to", Shape.of(3), ElementType.FLOAT32);
    Graph graph = new Graph("copies", device, variables, Choices.automatic());
    CeilingProbe.appendCopies(graph, 3, from, to);
    try (Program program = Program.of(device, variables, List.of(graph))) {
      program.write(from, 1f, 2f, 3f);
      program.write(to, 4f, 5f, 6f);
      program.run("copies");
      assertArrayEquals(new float[] {1, 2, 3}, program.read(from));
      assertArrayEquals(new float[] {1, 2, 3}, program.read(to));
    }
  }

  @Test
  void theKernelsMeasureTheJvmToo() {
    Ceiling ceiling = CeilingProbe.measure(Devices.preferred());
    assertTrue(ceiling.multiplyAdd() > 0 && Double.isFinite(ceiling.multiplyAdd()));
    assertTrue(ceiling.copy() > 0 && Double.isFinite(ceiling.copy()));
  }
}
