package dev.sluice.tasks.graph;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The task graphs of our own that hold a plan's arrays on the device.
///
/// A load copies arrays to the device, and a home takes them over from its loads. Every other task
/// graph takes what it uses from a home. One whose arrays are in several homes has a bridge, which
/// takes them over from one home after the other; it takes them from its bridge.
///
/// A task graph of TornadoVM has at most 1024 nodes ([Segment]). An array that no task uses takes
/// three of a load (itself, its copy, and that it stays) and one of a home; six more are for the
/// one task and its token.
final class HoldingGraphs {
  private static final int ARRAYS_OF_A_LOAD = 339;
  private static final int ARRAYS_OF_A_HOME = 3 * ARRAYS_OF_A_LOAD;

  /// Copies arrays to the device.
  ///
  /// @param home the home that takes them over
  record Load(String name, int home, List<Object> arrays) {}

  /// Holds arrays.
  record Home(String name, List<Object> arrays) {}

  /// Takes the arrays of a segment over from several homes.
  record Bridge(String name, Segment segment, List<Integer> homes) {}

  private final List<Segment> segments;
  private final List<Load> loads = new ArrayList<>();
  private final List<Home> homes = new ArrayList<>();
  private final List<Bridge> bridges = new ArrayList<>();
  private final IdentityHashMap<Object, Integer> places = new IdentityHashMap<>();
  private final IntArray token = new IntArray(1);

  /// Plans the task graphs.
  ///
  /// @param segments the task graphs that use the arrays; in the plan they come first
  /// @param arrays all that stay on the device, each once
  HoldingGraphs(List<Segment> segments, List<Object> arrays) {
    this.segments = List.copyOf(segments);
    for (List<Object> held : pieces(arrays, ARRAYS_OF_A_HOME)) {
      held.forEach(array -> places.put(array, homes.size()));
      for (List<Object> copied : pieces(held, ARRAYS_OF_A_LOAD)) {
        loads.add(new Load("sluice_load_" + loads.size(), homes.size(), copied));
      }
      homes.add(new Home("sluice_home_" + homes.size(), held));
    }
    for (Segment segment : segments) {
      List<Integer> used = homesOf(segment);
      if (used.size() > 1) {
        bridges.add(new Bridge("sluice_bridge_" + segment.name(), segment, used));
      }
    }
  }

  private static List<List<Object>> pieces(List<Object> arrays, int size) {
    List<List<Object>> pieces = new ArrayList<>();
    for (int from = 0; from == 0 || from < arrays.size(); from += size) {
      pieces.add(arrays.subList(from, Math.min(from + size, arrays.size())));
    }
    return pieces;
  }

  List<Load> loads() {
    return loads;
  }

  List<Home> homes() {
    return homes;
  }

  List<Bridge> bridges() {
    return bridges;
  }

  /// Index in the plan of a load.
  int indexOfLoad(int load) {
    return segments.size() + load;
  }

  /// Index in the plan of a home.
  int indexOfHome(int home) {
    return segments.size() + loads.size() + home;
  }

  /// Index in the plan of a bridge.
  int indexOfBridge(int bridge) {
    return segments.size() + loads.size() + homes.size() + bridge;
  }

  /// The home that has `array`.
  int home(Object array) {
    Integer home = places.get(array);
    if (home == null) {
      throw new GraphException("an array is used that stays nowhere on the device");
    }
    return home;
  }

  /// The homes of the arrays that a segment uses, at least one.
  List<Integer> homesOf(Segment segment) {
    SequencedSet<Integer> used = new TreeSet<>();
    segment.arrays(places.keySet()).forEach(array -> used.add(home(array)));
    return used.isEmpty() ? List.of(0) : List.copyOf(used);
  }

  /// Makes `graph` take over what `segment` uses.
  TaskGraph takeOver(TaskGraph graph, Segment segment) {
    String source = homes.get(homesOf(segment).getFirst()).name();
    for (Bridge bridge : bridges) {
      if (bridge.segment().name().equals(segment.name())) {
        source = bridge.name();
      }
    }
    return graph.consumeFromDevice(source, segment.arrays(places.keySet()).toArray());
  }

  /// Makes `graph` take over the token only from every graph that may have run before: TornadoVM
  /// would otherwise overwrite all its buffers by what that one has.
  TaskGraph keep(TaskGraph graph) {
    TaskGraph result = graph;
    for (Segment segment : segments) {
      result = result.consumeFromDevice(segment.name(), token);
    }
    for (Load load : loads) {
      result = result.consumeFromDevice(load.name(), token);
    }
    for (Home home : homes) {
      result = result.consumeFromDevice(home.name(), token);
    }
    for (Bridge bridge : bridges) {
      result = result.consumeFromDevice(bridge.name(), token);
    }
    return result;
  }

  /// What every graph of a plan knows besides its own arrays.
  IntArray token() {
    return token;
  }

  /// The task graphs, in the order of their indices.
  ///
  /// @param touch adds the one task that they have, on the token, to a graph with a name
  List<ImmutableTaskGraph> snapshots(BiConsumer<TaskGraph, String> touch) {
    List<ImmutableTaskGraph> graphs = new ArrayList<>();
    for (Load load : loads) {
      TaskGraph graph =
          new TaskGraph(load.name())
              .transferToDevice(DataTransferMode.EVERY_EXECUTION, token)
              .transferToDevice(DataTransferMode.EVERY_EXECUTION, load.arrays().toArray());
      touch.accept(graph, load.name());
      graphs.add(graph.persistOnDevice(token).persistOnDevice(load.arrays().toArray()).snapshot());
    }
    for (int i = 0; i < homes.size(); i++) {
      TaskGraph graph = keep(new TaskGraph(homes.get(i).name()));
      for (Load load : loads) {
        if (load.home() == i) {
          graph = graph.consumeFromDevice(load.name(), load.arrays().toArray());
        }
      }
      touch.accept(graph, homes.get(i).name());
      graphs.add(graph.snapshot());
    }
    for (Bridge bridge : bridges) {
      TaskGraph graph = keep(new TaskGraph(bridge.name()));
      for (Map.Entry<Integer, List<Object>> part : parts(bridge.segment()).entrySet()) {
        String home = homes.get(part.getKey()).name();
        graph = graph.consumeFromDevice(home, part.getValue().toArray());
      }
      touch.accept(graph, bridge.name());
      graphs.add(graph.snapshot());
    }
    return graphs;
  }

  /// Home → those of its arrays that `segment` uses.
  private Map<Integer, List<Object>> parts(Segment segment) {
    Map<Integer, List<Object>> parts = new TreeMap<>();
    for (Object array : segment.arrays(places.keySet())) {
      parts.computeIfAbsent(home(array), h -> new ArrayList<>()).add(array);
    }
    return parts;
  }
}
