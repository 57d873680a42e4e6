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
record RecallResult(
    double accuracy, double loss, long parameters, long state, double tokensPerSecond) {
  private static final String ACCURACY = "accuracy";
  private static final String LOSS = "loss";
  private static final String PARAMETERS = "parameters";
  private static final String STATE = "state";
  private static final String SPEED = "tokens_per_s";

  static RecallResult of(JsonObject json) {
    return new RecallResult(
        json.number(ACCURACY, Double.NaN),
        json.number(LOSS, Double.NaN),
        json.longInteger(PARAMETERS),
        json.longInteger(STATE),
        json.number(SPEED));
  }

  SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(ACCURACY, accuracy);
    map.put(LOSS, loss);
    map.put(PARAMETERS, parameters);
    map.put(STATE, state);
    map.put(SPEED, tokensPerSecond);
    return map;
  }
}
