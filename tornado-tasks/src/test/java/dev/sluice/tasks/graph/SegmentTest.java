package dev.sluice.tasks.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Graphs are split where TornadoVM would refuse them, and nowhere else.
final class SegmentTest {
  @Test
  void aShortGraphStaysWhole() {
    List<Segment> segments = Segment.split("step", entries(100, 3, 2));
    assertEquals(1, segments.size());
    assertEquals("step", segments.getFirst().name());
  }

  @Test
  void codeBytesLimitASegment() {
    List<Segment> segments = Segment.split("step", entries(200, 2, 16));
    assertEquals(3, segments.size());
    assertEquals("step_1", segments.get(1).name());
    // 8192 bytes hold 78 tasks of 15 + 5 · 18 bytes.
    assertEquals(78, segments.getFirst().entries().size());
    assertEquals(200, segments.stream().mapToInt(s -> s.entries().size()).sum());
  }

  @Test
  void nodesLimitASegmentOfManyArrays() {
    List<TaskEntry> entries = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      List<Object> arrays = new ArrayList<>();
      for (int j = 0; j < 10; j++) {
        arrays.add(new Object());
      }
      entries.add(entry(i, arrays));
    }
    // A task of 10 arrays of its own takes 1 + 10 + 30 nodes of 1024, 3 of which are taken.
    assertEquals(24, Segment.split("step", entries).getFirst().entries().size());
  }

  @Test
  void tasksLimitASegment() {
    assertEquals(256, Segment.split("step", entries(300, 1, 0)).getFirst().entries().size());
  }

  private static List<TaskEntry> entries(int count, int arrays, int constants) {
    List<Object> shared = new ArrayList<>();
    for (int i = 0; i < arrays; i++) {
      shared.add(new Object());
    }
    shared.addAll(Collections.nCopies(constants, 1));
    List<TaskEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(entry(i, shared));
    }
    return entries;
  }

  private static TaskEntry entry(int number, List<Object> arguments) {
    return new TaskEntry("t" + number, "node", Grid.PARALLEL, null, arguments, (graph, id) -> {});
  }
}
