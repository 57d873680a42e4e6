package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.names.NearestName;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Picks each op's implementation by what the device can do, in one place, and remembers what was
/// picked so that it can be reported. A choice can be forced by name, for comparison.
public final class Choices {
  private final Map<String, String> forced;
  private final boolean reduced;
  private final Map<String, String> made = new LinkedHashMap<>();

  private Choices(Map<String, String> forced, boolean reduced) {
    this.forced = Map.copyOf(forced);
    this.reduced = reduced;
  }

  /// Nothing forced.
  public static Choices automatic() {
    return new Choices(Map.of(), false);
  }

  /// Op name → implementation id that must be taken.
  public static Choices forcing(Map<String, String> forced) {
    return new Choices(forced, false);
  }

  /// These choices, but implementations of reduced precision may be taken without being forced.
  public Choices withReducedPrecision() {
    return new Choices(forced, true);
  }

  /// The first of `candidates` that runs on `device`, is of the precision asked for and pays there,
  /// or else the first that runs, or the forced one.
  ///
  /// @throws GraphException if none runs there
  /// @throws ChoiceException if the forced one is unknown or does not run there
  public <E extends Enum<E> & Implementation> E choose(
      String op, Device device, Class<E> candidates) {
    return choose(op, device, candidates, candidate -> true, "");
  }

  /// As [#choose(String, Device, Class)], of those candidates that take the op's sizes; one that is
  /// forced has to see to other sizes itself. Where a better one is left out for its sizes, that is
  /// told with the choice.
  ///
  /// @param takes whether a candidate is made for the op's sizes
  /// @param sizes the sizes in words
  /// @throws GraphException as there
  /// @throws ChoiceException as there
  public <E extends Enum<E> & Implementation> E choose(
      String op, Device device, Class<E> candidates, Predicate<E> takes, String sizes) {
    E[] all = candidates.getEnumConstants();
    String wanted = forced.get(op);
    List<E> best =
        Arrays.stream(all)
            .filter(c -> wanted == null ? runs(c, device) : c.id().equals(wanted))
            .sorted(Comparator.comparing((E c) -> !c.paysOn(device)).thenComparing(Enum::ordinal))
            .toList();
    E chosen =
        best.stream()
            .filter(c -> wanted != null || takes.test(c))
            .findFirst()
            .orElseThrow(() ->
                wanted == null
                    ? new GraphException(
                        "op '%s' has no implementation for %s".formatted(op, device.id()))
                    : new ChoiceException(
                        "op '%s' has no implementation '%s'; there are %s"
                            .formatted(op, wanted, running(all, device))));
    if (!chosen.runsOn(device)) {
      throw new ChoiceException(
          "op '%s': implementation '%s' does not run on %s; leave the choice out or take one of %s"
              .formatted(op, wanted, device.id(), running(all, device)));
    }
    boolean first = chosen == best.getFirst();
    made.put(
        op,
        first
            ? chosen.id()
            : "%s, for %s does not take %s".formatted(chosen.id(), best.getFirst().id(), sizes));
    return chosen;
  }

  private boolean runs(Implementation candidate, Device device) {
    return candidate.runsOn(device) && (reduced || !candidate.reducedPrecision());
  }

  /// Checks that every forced choice has been met.
  ///
  /// @throws ChoiceException naming an op that no graph asked for, and those that there are
  public void expectAllUsed() {
    expectAllUsed(forced.keySet(), made.keySet());
  }

  /// Checks that every op of which an implementation was asked for has been met.
  ///
  /// @param asked ops, by the names in [Choices#forcing]
  /// @param met ops that were there
  /// @throws ChoiceException naming an op that was not, and those that were
  public static void expectAllUsed(Set<String> asked, Set<String> met) {
    for (String op : asked) {
      if (!met.contains(op)) {
        throw new ChoiceException(
            "no op '%s' is here whose implementation can be chosen%s; there are %s"
                .formatted(
                    op,
                    NearestName.of(op, met).map(" (did you mean %s?)"::formatted).orElse(""),
                    String.join(", ", met)));
      }
    }
  }

  /// What was chosen so far: op name → implementation id, with the reason where a better one does
  /// not take the op's sizes, in the order of the first choice.
  public Map<String, String> made() {
    return new LinkedHashMap<>(made);
  }

  private static <E extends Enum<E> & Implementation> String running(E[] all, Device device) {
    return Arrays.stream(all)
        .filter(c -> c.runsOn(device))
        .map(Implementation::id)
        .collect(Collectors.joining(", "));
  }
}
