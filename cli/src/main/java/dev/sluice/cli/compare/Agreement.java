package dev.sluice.cli.compare;

import dev.sluice.tasks.graph.OpProbe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How far an entry is from the first of the same work that ran.
///
/// @param entry the entry
/// @param difference of results, rms(ours − first) / rms(first) over the samples, or of losses, the
///   largest relative one; NaN where there is nothing to compare with
/// @param tolerance the largest difference that is taken for agreement
/// @param agrees whether all parts are within theirs; true where there is nothing to compare with,
///   false where the entry failed
record Agreement(CompareEntry entry, double difference, double tolerance, boolean agrees) {
  /// Both sides may be off by what `conform` allows an op in float32.
  private static final double OUTPUT = 4e-5;

  private static final double GRADIENT = 2e-4;

  /// What `conform` allows an op that multiplies in less.
  private static final double REDUCED_OUTPUT = 5e-3;

  private static final double REDUCED_GRADIENT = 2e-2;

  /// Of losses: rounding differs, and grows from step to step.
  private static final int EARLY_STEPS = 10;

  private static final double EARLY_LOSS = 1e-4;
  private static final double LOSS = 1e-3;
  private static final double REDUCED_LOSS = 2e-2;

  /// Judges all entries, in their order. The first of a work that ran in float32, or else the first
  /// that ran, is what the others are held against.
  static List<Agreement> judge(List<CompareEntry> entries) {
    Map<String, CompareEntry> references = new LinkedHashMap<>();
    for (CompareEntry entry : entries) {
      CompareEntry known = references.get(entry.work());
      if (entry.failure() == null && (known == null || (known.reduced() && !entry.reduced()))) {
        references.put(entry.work(), entry);
      }
    }
    List<Agreement> all = new ArrayList<>();
    for (CompareEntry entry : entries) {
      CompareEntry reference = references.get(entry.work());
      all.add(
          entry.failure() != null || reference == null
              ? new Agreement(entry, Double.NaN, Double.NaN, false)
              : reference == entry
                  ? new Agreement(entry, Double.NaN, Double.NaN, true)
                  : entry.losses().isEmpty()
                      ? ofResults(entry, reference)
                      : ofLosses(entry, reference));
    }
    return all;
  }

  /// The part that comes nearest to its tolerance, or exceeds it most, speaks for all.
  private static Agreement ofResults(CompareEntry entry, CompareEntry reference) {
    Agreement worst = new Agreement(entry, 0, OUTPUT, true);
    for (Map.Entry<String, List<Double>> result : reference.samples().entrySet()) {
      boolean gradient = result.getKey().startsWith(OpProbe.GRADIENT);
      double tolerance =
          entry.reduced() || reference.reduced()
              ? gradient ? REDUCED_GRADIENT : REDUCED_OUTPUT
              : gradient ? GRADIENT : OUTPUT;
      List<Double> ours = entry.samples().getOrDefault(result.getKey(), List.of());
      double difference = difference(ours, result.getValue());
      double before = worst.difference / worst.tolerance;
      // NaN is the worst there is, and stays it.
      if (Double.compare(difference / tolerance, before) > 0) {
        worst = new Agreement(entry, difference, tolerance, difference <= tolerance);
      }
    }
    return worst;
  }

  private static double difference(List<Double> ours, List<Double> theirs) {
    if (ours.size() != theirs.size()) {
      return Double.POSITIVE_INFINITY;
    }
    double sum = 0;
    double size = 0;
    for (int i = 0; i < ours.size(); i++) {
      double d = ours.get(i) - theirs.get(i);
      sum += d * d;
      size += theirs.get(i) * theirs.get(i);
    }
    return size == 0 ? Math.sqrt(sum) : Math.sqrt(sum / size);
  }

  private static Agreement ofLosses(CompareEntry entry, CompareEntry reference) {
    boolean reduced = entry.reduced() || reference.reduced();
    int steps = Math.min(entry.losses().size(), reference.losses().size());
    double early = largest(entry, reference, Math.min(EARLY_STEPS, steps));
    double all = largest(entry, reference, steps);
    double tolerance = reduced ? REDUCED_LOSS : steps <= EARLY_STEPS ? EARLY_LOSS : LOSS;
    boolean agrees = all <= tolerance && (reduced || early <= EARLY_LOSS);
    return new Agreement(entry, all, tolerance, agrees);
  }

  private static double largest(CompareEntry entry, CompareEntry reference, int steps) {
    double largest = 0;
    for (int i = 0; i < steps; i++) {
      double theirs = reference.losses().get(i);
      double relative = Math.abs(entry.losses().get(i) - theirs) / Math.abs(theirs);
      largest = Math.max(largest, relative);
    }
    return largest;
  }

  /// In a word for a table.
  String verdict() {
    if (entry.failure() != null) {
      return "failed";
    }
    return Double.isNaN(difference) && agrees ? "first" : agrees ? "agrees" : "DIFFERS";
  }
}
