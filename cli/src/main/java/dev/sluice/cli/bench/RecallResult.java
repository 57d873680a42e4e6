package dev.sluice.cli.bench;

import dev.sluice.checkpoint.JsonObject;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What a run of the recall table came to.
///
/// @param accuracy part of the held-out queries that are answered rightly, 0 … 1; NaN if training
///   did not stay finite
/// @param loss mean loss of a held-out query
/// @param parameters trained values
/// @param state floats that generation keeps of a sequence
/// @param tokensPerSecond in training, by the median step
/// @param machine where it was run
record RecallResult(
    double accuracy,
    double loss,
    long parameters,
    long state,
    double tokensPerSecond,
    String machine) {
  private static final String ACCURACY = "accuracy";
  private static final String LOSS = "loss";
  private static final String PARAMETERS = "parameters";
  private static final String STATE = "state";
  private static final String SPEED = "tokens_per_s";
  private static final String MACHINE = "machine";

  static RecallResult of(JsonObject json) {
    return new RecallResult(
        json.number(ACCURACY, Double.NaN),
        json.number(LOSS, Double.NaN),
        json.longInteger(PARAMETERS),
        json.longInteger(STATE),
        json.number(SPEED),
        json.text(MACHINE, ""));
  }

  /// Whether it learned more than another run.
  boolean betterThan(RecallResult other) {
    return Double.isNaN(other.accuracy)
        || accuracy > other.accuracy
        || (accuracy == other.accuracy && loss < other.loss);
  }

  SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(ACCURACY, accuracy);
    map.put(LOSS, loss);
    map.put(PARAMETERS, parameters);
    map.put(STATE, state);
    map.put(SPEED, tokensPerSecond);
    map.put(MACHINE, machine);
    return map;
  }
}
