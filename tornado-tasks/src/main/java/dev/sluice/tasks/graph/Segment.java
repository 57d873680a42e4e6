package dev.sluice.tasks.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// The tasks of one task graph: all of a graph of ours, or as many as TornadoVM's limits allow.
///
/// A task graph of TornadoVM holds at most 256 tasks, 8192 bytes of high-level code, a task costing
/// 15 bytes and 5 an argument, and 1024 nodes: three for each array, one for each constant, one for
/// each task and one for each array that a task writes (which of them it writes is not known here,
/// so that all are counted).
///
/// @param name unique in the plan
/// @param entries the tasks
record Segment(String name, List<TaskEntry> entries) {
  private static final int CODE_BYTES = 8192;
  private static final int BYTES_PER_TASK = 15;
  private static final int BYTES_PER_ARGUMENT = 5;
  private static final int TASKS = 256;
  private static final int NODES = 1024;
  private static final int NODES_PER_ARRAY = 3;

  /// The context, its allocation and the token.
  private static final int OTHER_NODES = 3;

  /// One segment with everything.
  static List<Segment> whole(String graph, List<TaskEntry> entries) {
    return List.of(new Segment(graph, entries));
  }

  /// As few segments as the limits allow.
  static List<Segment> split(String graph, List<TaskEntry> entries) {
    List<Segment> segments = new ArrayList<>();
    List<TaskEntry> current = new ArrayList<>();
    for (TaskEntry entry : entries) {
      current.add(entry);
      if (!fits(current)) {
        current.removeLast();
        segments.add(new Segment(name(graph, segments.size()), current));
        current = new ArrayList<>(List.of(entry));
      }
    }
    segments.add(new Segment(name(graph, segments.size()), current));
    return segments;
  }

  private static boolean fits(List<TaskEntry> entries) {
    Set<Object> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Object> constants = new HashSet<>();
    int bytes = 0;
    int nodes = OTHER_NODES;
    for (TaskEntry entry : entries) {
      bytes += BYTES_PER_TASK + BYTES_PER_ARGUMENT * entry.arguments().size();
      nodes++;
      for (Object argument : entry.arguments()) {
        boolean constant = argument instanceof Number;
        nodes += constant ? 0 : 1;
        (constant ? constants : arrays).add(argument);
      }
    }
    nodes += NODES_PER_ARRAY * arrays.size() + constants.size();
    return bytes <= CODE_BYTES && nodes <= NODES && entries.size() <= TASKS;
  }

  private static String name(String graph, int number) {
    return number == 0 ? graph : graph + "_" + number;
  }

  /// The arrays of `known` that the tasks use, each once, in the order of their first use.
  List<Object> arrays(Set<Object> known) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Object> used = new ArrayList<>();
    for (TaskEntry entry : entries) {
      for (Object argument : entry.arguments()) {
        if (known.contains(argument) && seen.add(argument)) {
          used.add(argument);
        }
      }
    }
    return used;
  }
}
