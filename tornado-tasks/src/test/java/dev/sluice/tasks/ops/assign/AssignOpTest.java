package dev.sluice.tasks.ops.assign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.testing.OpCheck;
import java.util.List;
import org.junit.jupiter.api.Test;

class AssignOpTest {
  private static final Shape SHAPE = Shape.of(3, 5);

  /// A state that grows by an input at each execution.
  @Test
  void stateGoesOnFromOneExecutionToTheNext() {
    Device device = Devices.preferred();
    Variables variables = new Variables();
    Graph graph = new Graph("step", device, variables, Choices.automatic());
    Tensor state = variables.variable("state", SHAPE, ElementType.FLOAT32);
    Tensor x = graph.input("x", SHAPE, ElementType.FLOAT32);
    AssignOp.apply(graph, ElementwiseOp.add(graph, state, x), state);
    Tensor zeros = graph.output(AssignOp.zeros(graph, SHAPE));
    float[] values = OpCheck.normal(1, SHAPE.size());
    try (Program program = Program.of(device, variables, List.of(graph))) {
      program.poison();
      program.write(x, values);
      program.run("step");
      program.run("step");
      double[] expected = AssignReference.forward(OpCheck.doubles(values));
      for (int i = 0; i < expected.length; i++) {
        expected[i] *= 2.0;
      }
      OpCheck.assertClose("state", expected, program.read(state), 0.0);
      assertArrayEquals(new float[SHAPE.size()], program.read(zeros));
    }
  }

  @Test
  void refusesATargetThatIsNoVariable() {
    Graph graph = new Graph("step", Devices.preferred(), new Variables(), Choices.automatic());
    Tensor x = graph.input("x", SHAPE, ElementType.FLOAT32);
    var refused = assertThrows(GraphException.class, () -> AssignOp.apply(graph, x, x));
    assertEquals("tensor 'x' cannot be assigned to: it is no variable", refused.getMessage());
  }
}
