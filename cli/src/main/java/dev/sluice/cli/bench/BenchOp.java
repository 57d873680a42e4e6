package dev.sluice.cli.bench;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Implementation;
import dev.sluice.tasks.graph.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// An op that is measured.
///
/// @param name what it is called
/// @param part the op whose implementation is forced: `name`, or one that it is made of
/// @param implementations those that there are of `part`, best first
/// @param work operations of a forward pass, a multiply-add counted as two
/// @param training how often that forward and backward pass together take
/// @param build appends the op and hands back its result
public record BenchOp(
    String name,
    String part,
    List<Implementation> implementations,
    Work work,
    double training,
    Function<OpInputs, Tensor> build) {
  /// Counts operations.
  @FunctionalInterface
  public interface Work {
    /// Operations of a forward pass over sequences of this size.
    double of(SequenceSize size);
  }

  /// An op that is chosen by its own name and takes three times as long with gradients.
  static BenchOp of(
      String name, Implementation[] implementations, Work work, Function<OpInputs, Tensor> build) {
    return new BenchOp(name, name, List.of(implementations), work, 3, build);
  }

  /// This op where the implementation of a part of it, `other`, makes the difference.
  BenchOp by(String other) {
    return new BenchOp(name, other, implementations, work, training, build);
  }

  /// This op with gradients that take `times` its forward pass in all.
  BenchOp training(double times) {
    return new BenchOp(name, part, implementations, work, times, build);
  }

  /// The implementations that `device` can run, first that which it takes by itself.
  public List<Implementation> on(Device device) {
    return implementations.stream()
        .filter(i -> i.runsOn(device))
        .sorted(Comparator.comparing(i -> !i.paysOn(device)))
        .toList();
  }

  /// Those of [#on] that were asked for: the one that is forced, or all.
  ///
  /// @param forced op → implementation
  /// @throws IllegalArgumentException if the op has no such form there
  List<Implementation> on(Device device, Map<String, String> forced) {
    List<Implementation> all = on(device);
    String wanted = forced.get(part);
    if (wanted == null) {
      return all;
    }
    return all.stream()
        .filter(form -> form.id().equals(wanted))
        .findFirst()
        .map(List::of)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "--implementation %s=%s: on %s it has %s"
                    .formatted(
                        part,
                        wanted,
                        device.id(),
                        String.join(", ", all.stream().map(Implementation::id).toList()))));
  }

  @Override
  public String toString() {
    return name + Arrays.toString(implementations.toArray());
  }
}
