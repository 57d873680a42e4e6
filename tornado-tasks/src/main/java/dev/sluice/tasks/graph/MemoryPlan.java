package dev.sluice.tasks.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Gives the activations of a program's graphs their buffers by lifetime.
///
/// A tensor lives from the first node that writes it to the last that uses it; a node's scratch
/// lives during that node only. Buffers are handed out greedily in execution order: the smallest
/// free one that is large enough, else the largest free one, which grows. Since the arrays are made
/// after planning, growing costs nothing. Graphs never run at the same time, so all share one pool.
final class MemoryPlan {
  /// A buffer in the making.
  static final class Slot {
    private final ElementType type;
    private int size;

    Slot(ElementType type) {
      this.type = type;
    }

    ElementType type() {
      return type;
    }

    int size() {
      return size;
    }
  }

  private final List<Slot> slots = new ArrayList<>();
  private final Map<Tensor, Slot> places = new IdentityHashMap<>();

  /// Adds the nodes of one graph.
  ///
  /// @param kept tensors that live on after the graph and so share no buffer
  void add(List<Node> nodes, Set<Tensor> kept) {
    Map<Tensor, Integer> lastUse = new IdentityHashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (Tensor tensor : mentioned(nodes.get(i))) {
        lastUse.put(tensor, i);
      }
    }
    List<Slot> free = new ArrayList<>(slots);
    for (int i = 0; i < nodes.size(); i++) {
      Collection<Tensor> tensors = mentioned(nodes.get(i));
      for (Tensor tensor : tensors) {
        if (pooled(tensor, kept) && !places.containsKey(tensor)) {
          places.put(tensor, take(free, tensor));
        }
      }
      for (Tensor tensor : tensors) {
        Slot slot = places.get(tensor);
        if (slot != null && lastUse.getOrDefault(tensor, -1) == i) {
          free.add(slot);
          lastUse.remove(tensor);
        }
      }
    }
  }

  private static boolean pooled(Tensor tensor, Set<Tensor> kept) {
    return tensor.role() == Tensor.Role.ACTIVATION && !kept.contains(tensor);
  }

  private Slot take(List<Slot> free, Tensor tensor) {
    Slot best = null;
    for (Slot slot : free) {
      if (slot.type == tensor.type() && (best == null || better(slot, best, tensor.size()))) {
        best = slot;
      }
    }
    if (best == null) {
      best = new Slot(tensor.type());
      slots.add(best);
    } else {
      free.remove(best);
    }
    best.size = Math.max(best.size, tensor.size());
    return best;
  }

  private static boolean better(Slot candidate, Slot best, int size) {
    if (candidate.size >= size) {
      return best.size < size || candidate.size < best.size;
    }
    return best.size < size && candidate.size > best.size;
  }

  private static Collection<Tensor> mentioned(Node node) {
    List<Tensor> all = new ArrayList<>(node.reads());
    all.addAll(node.updates());
    all.addAll(node.writes());
    all.addAll(node.scratch());
    return all;
  }

  /// The buffers of the pool.
  List<Slot> slots() {
    return slots;
  }

  /// Which buffer each pooled tensor has.
  Map<Tensor, Slot> places() {
    return places;
  }

  /// Bytes of all buffers.
  long bytes() {
    return slots.stream().mapToLong(s -> (long) s.size * s.type.bytes()).sum();
  }
}
