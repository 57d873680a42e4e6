package dev.sluice.tasks.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// The tasks of one task graph: all of a graph of ours, or as many as TornadoVM's limits allow.
///
/// A task graph of TornadoVM holds at most 256 tasks and 8192 bytes of high-level code, a task
/// costing 15 bytes and 5 an argument.
///
/// @param name unique in the plan
/// @param entries the tasks
record Segment(String name, List<Tasks.Entry> entries) {
  private static final int CODE_BYTES = 8192;
  private static final int BYTES_PER_TASK = 15;
  private static final int BYTES_PER_ARGUMENT = 5;
  private static final int TASKS = 256;

  /// One segment with everything.
  static List<Segment> whole(String graph, List<Tasks.Entry> entries) {
    return List.of(new Segment(graph, entries));
  }

  /// As few segments as the limits allow.
  ///
  /// @throws GraphException if a single task is over the limit
  static List<Segment> split(String graph, List<Tasks.Entry> entries) {
    List<Segment> segments = new ArrayList<>();
    List<Tasks.Entry> current = new ArrayList<>();
    int bytes = 0;
    for (Tasks.Entry entry : entries) {
      int cost = BYTES_PER_TASK + BYTES_PER_ARGUMENT * entry.arguments().size();
      if (bytes + cost > CODE_BYTES || current.size() == TASKS) {
        segments.add(new Segment(name(graph, segments.size()), current));
        current = new ArrayList<>();
        bytes = 0;
      }
      current.add(entry);
      bytes += cost;
    }
    segments.add(new Segment(name(graph, segments.size()), current));
    return segments;
  }

  private static String name(String graph, int number) {
    return number == 0 ? graph : graph + "_" + number;
  }

  /// The arrays of `known` that the tasks use, each once, in the order of their first use.
  List<Object> arrays(Set<Object> known) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Object> used = new ArrayList<>();
    for (Tasks.Entry entry : entries) {
      for (Object argument : entry.arguments()) {
        if (known.contains(argument) && seen.add(argument)) {
          used.add(argument);
        }
      }
    }
    return used;
  }
}
