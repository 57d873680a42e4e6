package dev.sluice.models;

import dev.sluice.layers.GatedMlp;
import dev.sluice.layers.GlaLayer;
import dev.sluice.layers.Initializers;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.RmsNorm;
import dev.sluice.layers.Scope;
import dev.sluice.layers.SequenceContext;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.embedding.EmbeddingOp;
import dev.sluice.tasks.ops.linear.LinearOp;
import dev.sluice.tasks.ops.linearcrossentropy.LinearCrossEntropyOp;

/// A causal language model: embedding, blocks of a mixer and a feed-forward layer around a residual
/// stream, norm, head. Names of parameters are those of flash-linear-attention.
///
/// @param config sizes and options
public record LanguageModel(GlaConfig config) {
  private static final String EMBEDDINGS = "model.embeddings.weight";

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

  private Tensor hidden(Graph graph, Tensor ids, SequenceContext sequence) {
    Scope model = Scope.root(graph).child("model");
    Tensor h = EmbeddingOp.apply(graph, ids, embeddings(graph));
    for (int layer = 0; layer < config.layers(); layer++) {
      h = block(model.child("layers").child(Integer.toString(layer)), h, sequence);
    }
    return norm().forward(model.child("norm"), h);
  }

  private Tensor block(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Tensor mixed =
        mixer().forward(scope.child("attn"), norm().forward(scope.child("attn_norm"), x), sequence);
    Tensor h = ElementwiseOp.add(graph, x, sequence.drop(scope, mixed));
    GatedMlp mlp = new GatedMlp(config.width(), config.intermediate(), initializer());
    Tensor fed = mlp.forward(scope.child("mlp"), norm().forward(scope.child("mlp_norm"), h));
    return ElementwiseOp.add(graph, h, sequence.drop(scope, fed));
  }

  private Mixer mixer() {
    return new GlaLayer(
        new GlaLayer.Settings(
            config.width(),
            (int) (config.width() * config.expandKeys()),
            (int) (config.width() * config.expandValues()),
            config.heads(),
            config.convolution(),
            config.outputGate(),
            (float) config.eps(),
            initializer()));
  }

  private RmsNorm norm() {
    return new RmsNorm(config.width(), (float) config.eps());
  }

  private Initializer initializer() {
    return Initializers.normal(config.initializerRange());
  }

  private Tensor embeddings(Graph graph) {
    return graph.parameter(EMBEDDINGS, tableShape(), initializer(), true);
  }

  private Tensor head(Graph graph) {
    return config.tied()
        ? embeddings(graph)
        : graph.parameter("lm_head.weight", tableShape(), initializer(), true);
  }

  private Shape tableShape() {
    return Shape.of(config.vocabulary(), config.width());
  }
}
