package dev.sluice.checkpoint;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What a run must know, besides parameters and moments, to go on as if it had never stopped: the
/// content of `trainer.json`.
///
/// @param step optimizer steps done
/// @param dataPosition examples read from the training data
/// @param seed of the run: initial parameters, order of the data, dropout
/// @param tokens tokens trained on
/// @param heldOutLoss loss on held-out data at this step, NaN if it was not measured
/// @param bestLoss least held-out loss so far, +∞ if none was measured
/// @param data fingerprint of the training data
/// @param options what the run was started with: schedule, batch and the rest, as the trainer
///   writes them
public record TrainerState(
    long step,
    long dataPosition,
    long seed,
    long tokens,
    double heldOutLoss,
    double bestLoss,
    String data,
    JsonObject options) {
  private static final String STEP = "step";
  private static final String DATA_POSITION = "data_position";
  private static final String SEED = "seed";
  private static final String TOKENS = "tokens";
  private static final String HELD_OUT_LOSS = "held_out_loss";
  private static final String BEST_LOSS = "best_loss";
  private static final String DATA = "data";
  private static final String OPTIONS = "options";
  private static final List<String> KEYS =
      List.of(STEP, DATA_POSITION, SEED, TOKENS, HELD_OUT_LOSS, BEST_LOSS, DATA, OPTIONS);

  /// Reads a `trainer.json`.
  ///
  /// @throws CheckpointException if it cannot be read or lacks something; it names file, line and
  ///   key
  public static TrainerState load(Path path) {
    JsonObject json = JsonFiles.load(path);
    json.refuseUnknown(KEYS);
    return new TrainerState(
        count(json, STEP),
        count(json, DATA_POSITION),
        json.longInteger(SEED),
        count(json, TOKENS),
        json.number(HELD_OUT_LOSS, Double.NaN),
        json.number(BEST_LOSS, Double.POSITIVE_INFINITY),
        json.text(DATA),
        json.object(OPTIONS));
  }

  /// Writes a `trainer.json`.
  ///
  /// @throws CheckpointException if it cannot be written
  public void store(Path path) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put(STEP, step);
    json.put(DATA_POSITION, dataPosition);
    json.put(SEED, seed);
    json.put(TOKENS, tokens);
    json.put(HELD_OUT_LOSS, heldOutLoss);
    json.put(BEST_LOSS, bestLoss);
    json.put(DATA, data);
    json.put(OPTIONS, options);
    JsonFiles.store(path, json);
  }

  private static long count(JsonObject json, String key) {
    long number = json.longInteger(key);
    if (number < 0) {
      throw json.error(key, number + " must not be negative; use another checkpoint");
    }
    return number;
  }
}
