package dev.sluice.training;

import dev.sluice.checkpoint.JsonObject;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What a run notes about a step. A number that was not measured is NaN, and absent from the file.
///
/// @param step optimizer steps done
/// @param tokens tokens trained on so far
/// @param loss mean training loss of the step's labels
/// @param learningRate of the step
/// @param gradientNorm before clipping
/// @param tokensPerSecond since the entry before
/// @param heldOutLoss mean loss on held-out data
/// @param heldOutAccuracy part of the held-out labels that the model's first choice meets, 0 … 1
public record LogEntry(
    long step,
    long tokens,
    double loss,
    double learningRate,
    double gradientNorm,
    double tokensPerSecond,
    double heldOutLoss,
    double heldOutAccuracy) {
  static final String STEP = "step";
  private static final String TOKENS = "tokens";
  private static final String LOSS = "loss";
  private static final String LEARNING_RATE = "learning_rate";
  private static final String GRADIENT_NORM = "gradient_norm";
  private static final String TOKENS_PER_SECOND = "tokens_per_second";
  private static final String HELD_OUT_LOSS = "held_out_loss";
  private static final String HELD_OUT_ACCURACY = "held_out_accuracy";

  /// An entry of a step after which held-out data was not looked at.
  public static LogEntry ofTraining(
      long step,
      long tokens,
      double loss,
      double learningRate,
      double gradientNorm,
      double tokensPerSecond) {
    return new LogEntry(
        step, tokens, loss, learningRate, gradientNorm, tokensPerSecond, Double.NaN, Double.NaN);
  }

  SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(STEP, step);
    map.put(TOKENS, tokens);
    put(map, LOSS, loss);
    put(map, LEARNING_RATE, learningRate);
    put(map, GRADIENT_NORM, gradientNorm);
    put(map, TOKENS_PER_SECOND, tokensPerSecond);
    put(map, HELD_OUT_LOSS, heldOutLoss);
    put(map, HELD_OUT_ACCURACY, heldOutAccuracy);
    return map;
  }

  static LogEntry of(JsonObject json) {
    return new LogEntry(
        json.longInteger(STEP),
        json.longInteger(TOKENS, 0),
        json.number(LOSS, Double.NaN),
        json.number(LEARNING_RATE, Double.NaN),
        json.number(GRADIENT_NORM, Double.NaN),
        json.number(TOKENS_PER_SECOND, Double.NaN),
        json.number(HELD_OUT_LOSS, Double.NaN),
        json.number(HELD_OUT_ACCURACY, Double.NaN));
  }

  private static void put(SequencedMap<String, Object> map, String key, double number) {
    if (!Double.isNaN(number)) {
      map.put(key, number);
    }
  }
}
