package dev.sluice.training;

import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.random.RandomStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Continues a sequence token by token with constant memory: the prompt is read in pieces of a
/// fixed length by the parallel form and the rest of it, then every new token, by the recurrent
/// one.
public final class Generator implements AutoCloseable {
  /// Tokens that are read at once.
  public static final int CHUNK = 64;

  private static final String DECODE = "decode";
  private static final String PREFILL = "prefill";

  private final Program program;
  private final Tensor position;
  private final SequenceContext.@Nullable Limit limit;
  private int tokens;
  private final Tensor token;
  private final Tensor logits;
  private final Tensor chunk;
  private final Tensor chunkLogits;

  /// How the next token is drawn.
  ///
  /// @param temperature 0 takes the likeliest token
  /// @param topK only so many likeliest tokens, 0 for all
  /// @param topP only the likeliest tokens of so much probability, 1 for all
  /// @param seed of the draws
  public record Sampling(double temperature, int topK, double topP, long seed) {
    /// Always the likeliest token.
    public static Sampling greedy() {
      return new Sampling(0, 0, 1, 0);
    }
  }

  /// Builds the graphs, for as many tokens of attention as the model's configuration says;
  /// parameters are to be written to [#program] before use.
  public Generator(LanguageModel model, Device device, Choices choices) {
    this(model, device, choices, model.config().positions());
  }

  /// Builds the graphs; parameters are to be written to [#program] before use.
  ///
  /// @param capacity the most tokens, of prompt and text together, that attention keeps; of no
  ///   meaning to a model without attention over the whole sequence
  public Generator(LanguageModel model, Device device, Choices choices, int capacity) {
    Variables variables = new Variables();
    Graph decode = new Graph(DECODE, device, variables, choices);
    token = decode.input("ids", Shape.of(1, 1), ElementType.INT32);
    SequenceContext one = SequenceContext.continued(decode, capacity, CHUNK);
    logits = decode.output(model.logits(decode, token, one));
    Graph prefill = new Graph(PREFILL, device, variables, choices);
    chunk = prefill.input("ids", Shape.of(1, CHUNK), ElementType.INT32);
    SequenceContext many = SequenceContext.continued(prefill, capacity, CHUNK);
    chunkLogits = prefill.output(model.logits(prefill, chunk, many));
    limit = one.limit();
    position = variables.setting(SequenceContext.POSITION, Shape.of(1), ElementType.INT32);
    program = Program.captured(device, variables, List.of(decode, prefill));
  }

  /// The program, to write parameters.
  public Program program() {
    return program;
  }

  /// Forgets what was read.
  public void reset() {
    for (Tensor state : program.variables().others()) {
      if (state.role() == Tensor.Role.VARIABLE) {
        program.write(state, new float[state.size()]);
      }
    }
    tokens = 0;
  }

  /// Reads `prompt` and returns the logits of the token after it.
  ///
  /// @param prompt at least one token
  /// @throws TrainingException if the sequence becomes longer than the model can keep, or a logit
  ///   is not a number
  public float[] read(int... prompt) {
    if (limit != null && prompt.length > limit.steps() - tokens) {
      throw new TrainingException(
          "%d tokens are more than the %d that the model keeps; give fewer or %s"
              .formatted(tokens + (long) prompt.length, limit.steps(), limit.remedy()));
    }
    float[] last = new float[0];
    int at = 0;
    for (; at + CHUNK <= prompt.length; at += CHUNK) {
      program.write(chunk, Arrays.copyOfRange(prompt, at, at + CHUNK));
      run(PREFILL, CHUNK);
      float[] all = program.read(chunkLogits);
      last = Arrays.copyOfRange(all, all.length - logits.size(), all.length);
    }
    for (; at < prompt.length; at++) {
      program.write(token, prompt[at]);
      run(DECODE, 1);
      last = program.read(logits);
    }
    expectNumbers(last);
    return last;
  }

  private void expectNumbers(float... logits) {
    for (float logit : logits) {
      if (Float.isNaN(logit)) {
        throw new TrainingException(
            "a logit after token %d is not a number; the checkpoint holds numbers that are not, or too large ones"
                .formatted(tokens));
      }
    }
  }

  private void run(String graph, int length) {
    program.write(position, tokens);
    program.run(graph);
    tokens += length;
  }

  /// Draws a token.
  ///
  /// @param index number of the draw, so that the same seed gives the same text
  public static int draw(float[] logits, Sampling sampling, long index) {
    int[] order = likeliestFirst(logits);
    if (sampling.temperature() == 0) {
      return order[0];
    }
    int kept = sampling.topK() == 0 ? order.length : Math.min(sampling.topK(), order.length);
    double[] weights = new double[kept];
    double total = 0;
    for (int i = 0; i < kept; i++) {
      weights[i] = Math.exp((logits[order[i]] - logits[order[0]]) / sampling.temperature());
      total += weights[i];
    }
    double mass = 0;
    int candidates = 0;
    while (candidates < kept && (candidates == 0 || mass < sampling.topP() * total)) {
      mass += weights[candidates++];
    }
    double drawn = new RandomStream(sampling.seed(), 0x47454E, index).uniform() * mass;
    for (int i = 0; i < candidates; i++) {
      drawn -= weights[i];
      if (drawn < 0) {
        return order[i];
      }
    }
    return order[candidates - 1];
  }

  /// The tokens by falling logit, those of the same by number. One sort of longs, since this is
  /// host work of every token: value above, number below.
  private static int[] likeliestFirst(float[] logits) {
    long[] keys = new long[logits.length];
    for (int i = 0; i < keys.length; i++) {
      int bits = Float.floatToIntBits(-logits[i]);
      // As integers, negative numbers would be in the order of their size.
      int ordered = bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
      keys[i] = (long) ordered << Integer.SIZE | i;
    }
    Arrays.sort(keys);
    int[] order = new int[keys.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keys[i];
    }
    return order;
  }

  @Override
  public void close() {
    program.close();
  }
}
