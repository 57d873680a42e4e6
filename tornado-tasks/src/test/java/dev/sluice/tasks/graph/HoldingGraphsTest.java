package dev.sluice.tasks.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// However many arrays a plan has, the graphs that hold them keep within TornadoVM's 1024 nodes.
final class HoldingGraphsTest {
  private static final int NODES = 1024;

  /// The context, its allocation, the token four times, and the task.
  private static final int OTHER_NODES = 7;

  private final List<Object> arrays = Stream.generate(Object::new).limit(3000).toList();

  @Test
  void everyArrayIsCopiedAndHeldOnce() {
    HoldingGraphs graphs = new HoldingGraphs(List.of(), arrays);
    List<Object> copied = new ArrayList<>();
    List<Object> held = new ArrayList<>();
    for (HoldingGraphs.Load load : graphs.loads()) {
      assertTrue(OTHER_NODES + 3 * load.arrays().size() <= NODES);
      assertTrue(graphs.homes().get(load.home()).arrays().containsAll(load.arrays()));
      copied.addAll(load.arrays());
    }
    for (HoldingGraphs.Home home : graphs.homes()) {
      assertTrue(OTHER_NODES + home.arrays().size() <= NODES);
      held.addAll(home.arrays());
    }
    assertEquals(arrays, copied);
    assertEquals(arrays, held);
  }

  @Test
  void aSegmentWithArraysInSeveralHomesHasABridge() {
    Segment near = segment("near", 1, 2);
    Segment far = segment("far", 2990, 5, 1500);
    HoldingGraphs graphs = new HoldingGraphs(List.of(near, far), arrays);
    assertEquals(List.of(0), graphs.homesOf(near));
    assertEquals(List.of(0, 1, 2), graphs.homesOf(far));
    assertEquals(List.of("far"), graphs.bridges().stream().map(b -> b.segment().name()).toList());
  }

  @Test
  void indicesFollowTheSegments() {
    HoldingGraphs graphs = new HoldingGraphs(List.of(segment("a", 0)), arrays);
    assertEquals(1, graphs.indexOfLoad(0));
    assertEquals(1 + graphs.loads().size(), graphs.indexOfHome(0));
    assertEquals(graphs.indexOfHome(0) + graphs.homes().size(), graphs.indexOfBridge(0));
  }

  private Segment segment(String name, int... used) {
    List<Object> arguments = new ArrayList<>();
    for (int i : used) {
      arguments.add(arrays.get(i));
    }
    var entry = new TaskEntry("t", "node", Grid.PARALLEL, null, arguments, (graph, id) -> {});
    return new Segment(name, List.of(entry));
  }
}
