package dev.sluice.tasks.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.OpProbe;
import org.junit.jupiter.api.Test;

class SequencesTest {
  private static final int SIZE = 64;

  /// Layers ask for the same chunks each.
  @Test
  void batchesOfOneSizeAreCutOnce() {
    Graph graph = new OpProbe(Devices.preferred(), Choices.automatic()).graph();
    var first = Sequences.of(graph, 2, 100, null).chunks(graph, SIZE);
    var again = Sequences.of(graph, 2, 100, null).chunks(graph, SIZE);
    assertSame(first, again);
    assertEquals(4, first.count());
    assertNotSame(first, Sequences.of(graph, 2, 100, null).chunks(graph, SIZE / 2));
    assertNotSame(first, Sequences.of(graph, 4, 50, null).chunks(graph, SIZE));
  }
}
