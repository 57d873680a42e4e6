package dev.sluice.models;

import dev.sluice.layers.GatedMlp;
import dev.sluice.layers.RmsNorm;
import dev.sluice.layers.Scope;
import dev.sluice.layers.SequenceContext;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.embedding.EmbeddingOp;
import dev.sluice.tasks.ops.linear.LinearOp;
import dev.sluice.tasks.ops.linearcrossentropy.LinearCrossEntropyOp;
import dev.sluice.tasks.ops.rmsnorm.RmsNormOp;
import org.jspecify.annotations.Nullable;

/// A causal language model: embedding, blocks of a mixer and perhaps a feed-forward layer around a
/// residual stream, norm, head. Names of parameters are those of flash-linear-attention.
///
/// @param config sizes and options
public record LanguageModel(ModelConfig config) {
  /// Name of the head's parameter; a model whose head is tied to its embeddings has none.
  public static final String HEAD = "lm_head.weight";

  /// What the name of the embeddings' parameter ends with.
  public static final String EMBEDDINGS = "embeddings.weight";

  /// `logits[b,t,:]` of the token after `ids[b,t]`.
  ///
  /// @param ids int32 `[B, T]`
  /// @return `[B, T, vocabulary]`
  public Tensor logits(Graph graph, Tensor ids, SequenceContext sequence) {
    Tensor hidden = hidden(graph, ids, sequence);
    return LinearOp.apply(graph, hidden, head(graph), null);
  }

  /// `labelScale · Σ −log softmax(logits[b,t,:])[labels[b,t]]` over the labels that are not −100.
  ///
  /// @param ids int32 `[B, T]`
  /// @param labels int32 `[B, T]`
  /// @param labelScale `[1]`
  /// @return `[1]`
  public Tensor loss(
      Graph graph, Tensor ids, Tensor labels, Tensor labelScale, SequenceContext sequence) {
    Tensor hidden = hidden(graph, ids, sequence);
    return LinearCrossEntropyOp.apply(graph, hidden, head(graph), labels, labelScale);
  }

  /// The loss of each label, and whether it is the model's first choice.
  ///
  /// @param ids int32 `[B, T]`
  /// @param labels int32 `[B, T]`
  /// @return both `[B·T]`
  public LinearCrossEntropyOp.Rows judge(
      Graph graph, Tensor ids, Tensor labels, SequenceContext sequence) {
    return LinearCrossEntropyOp.ofRows(graph, hidden(graph, ids, sequence), head(graph), labels);
  }

  /// A residual stream, which a layer's output is still to be added to: the norm that comes next
  /// adds it.
  private record Stream(Tensor x, @Nullable Tensor added) {}

  private Tensor hidden(Graph graph, Tensor ids, SequenceContext sequence) {
    Scope root = root(graph);
    Stream stream = new Stream(EmbeddingOp.apply(graph, ids, embeddings(graph)), null);
    for (int layer = 0; layer < config.layers(); layer++) {
      stream = block(root, layer, stream, sequence);
    }
    return normalize(root.child(config.frame().finalNorm()), stream).normalized();
  }

  private Stream block(Scope root, int layer, Stream in, SequenceContext sequence) {
    Frame frame = config.frame();
    Scope scope = root.child("layers").child(Integer.toString(layer));
    RmsNormOp.Sum x = normalize(scope.child(frame.mixerNorm()), in);
    Tensor mixed =
        config
            .mixers()
            .get(layer)
            .mixer(config, layer, root)
            .forward(scope.child(frame.mixer()), x.normalized(), sequence);
    Stream stream = new Stream(x.sum(), sequence.drop(scope, mixed));
    if (!frame.feedForward()) {
      return stream;
    }
    RmsNormOp.Sum h = normalize(scope.child("mlp_norm"), stream);
    GatedMlp mlp = new GatedMlp(config.width(), config.intermediate(), config.initializer());
    Tensor fed = mlp.forward(scope.child("mlp"), h.normalized());
    return new Stream(h.sum(), sequence.drop(scope, fed));
  }

  private RmsNormOp.Sum normalize(Scope scope, Stream stream) {
    RmsNorm norm = config.norm();
    Tensor added = stream.added();
    return added == null
        ? new RmsNormOp.Sum(stream.x(), norm.forward(scope, stream.x()))
        : norm.forwardSum(scope, stream.x(), added);
  }

  private Scope root(Graph graph) {
    return Scope.root(graph).child(config.frame().root());
  }

  private Tensor embeddings(Graph graph) {
    return root(graph).parameter(EMBEDDINGS, tableShape(), config.initializer());
  }

  private Tensor head(Graph graph) {
    return config.tied()
        ? embeddings(graph)
        : Scope.root(graph).parameter(HEAD, tableShape(), config.initializer());
  }

  private Shape tableShape() {
    return Shape.of(config.vocabulary(), config.width());
  }
}
