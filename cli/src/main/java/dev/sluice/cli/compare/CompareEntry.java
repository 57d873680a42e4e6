package dev.sluice.cli.compare;

import dev.sluice.checkpoint.JsonObject;
import dev.sluice.cli.bench.Timing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// One piece of work on one device.
///
/// @param work what was done, the same on every device: op, pass and size, or a model
/// @param device label of the device, unique in a file
/// @param form the implementation
/// @param reduced whether it multiplies in less than float32
/// @param timing of a run; null where it failed
/// @param first seconds from building it to the end of its first run, compilation included
/// @param ofPeak operations a second over the device's peak; NaN where they are not counted
/// @param ofCopy bytes a second over those of a copy; NaN where they are not counted
/// @param samples some values of each result, at the same places on every device
/// @param losses of training, step by step; empty for an op
/// @param failure why it did not run, or null
record CompareEntry(
    String work,
    String device,
    String form,
    boolean reduced,
    @Nullable Timing timing,
    double first,
    double ofPeak,
    double ofCopy,
    SequencedMap<String, List<Double>> samples,
    List<Double> losses,
    @Nullable String failure) {
  private static final String WORK = "work";
  private static final String DEVICE = "device";
  private static final String FORM = "form";
  private static final String REDUCED = "reduced_precision";
  private static final String RUNS = "runs";
  private static final String MEDIAN = "median_s";
  private static final String P20 = "p20_s";
  private static final String P80 = "p80_s";
  private static final String FIRST = "first_s";
  private static final String OF_PEAK = "of_peak";
  private static final String OF_COPY = "of_bandwidth";
  private static final String SAMPLES = "samples";
  private static final String LOSSES = "losses";
  private static final String FAILURE = "failure";

  /// Work that did not run.
  static CompareEntry failed(
      String work, String device, String form, boolean reduced, String failure) {
    return new CompareEntry(
        work,
        device,
        form,
        reduced,
        null,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        new LinkedHashMap<>(),
        List.of(),
        failure);
  }

  /// The same on a device of another label.
  CompareEntry on(String label) {
    return new CompareEntry(
        work, label, form, reduced, timing, first, ofPeak, ofCopy, samples, losses, failure);
  }

  /// The same, as if operations were not counted.
  CompareEntry withoutPeak() {
    return new CompareEntry(
        work, device, form, reduced, timing, first, Double.NaN, ofCopy, samples, losses, failure);
  }

  /// The same, as if bytes were not counted.
  CompareEntry withoutCopy() {
    return new CompareEntry(
        work, device, form, reduced, timing, first, ofPeak, Double.NaN, samples, losses, failure);
  }

  /// Device and form.
  String series() {
    return device + " " + form;
  }

  /// The greater part of what the device can do, of multiply-adds or of bytes; NaN if neither is
  /// counted.
  double ofCeiling() {
    return Double.isNaN(ofPeak) ? ofCopy : Double.isNaN(ofCopy) ? ofPeak : Math.max(ofPeak, ofCopy);
  }

  static CompareEntry of(JsonObject json) {
    SequencedMap<String, List<Double>> samples = new LinkedHashMap<>();
    JsonObject kept = json.object(SAMPLES);
    kept.keys().forEach(name -> samples.put(name, kept.numbers(name)));
    Timing timing =
        json.has(MEDIAN)
            ? new Timing(
                json.integer(RUNS), json.number(MEDIAN), json.number(P20), json.number(P80))
            : null;
    return new CompareEntry(
        json.text(WORK),
        json.text(DEVICE),
        json.text(FORM),
        json.flag(REDUCED),
        timing,
        json.number(FIRST, Double.NaN),
        json.number(OF_PEAK, Double.NaN),
        json.number(OF_COPY, Double.NaN),
        samples,
        json.numbers(LOSSES),
        json.has(FAILURE) ? json.text(FAILURE) : null);
  }

  SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(WORK, work);
    map.put(DEVICE, device);
    map.put(FORM, form);
    map.put(REDUCED, reduced);
    if (timing != null) {
      map.put(RUNS, timing.runs());
      map.put(MEDIAN, timing.median());
      map.put(P20, timing.p20());
      map.put(P80, timing.p80());
    }
    put(map, FIRST, first);
    put(map, OF_PEAK, ofPeak);
    put(map, OF_COPY, ofCopy);
    map.put(SAMPLES, samples);
    map.put(LOSSES, losses);
    if (failure != null) {
      map.put(FAILURE, failure);
    }
    return map;
  }

  private static void put(SequencedMap<String, Object> map, String key, double number) {
    if (!Double.isNaN(number)) {
      map.put(key, number);
    }
  }
}
