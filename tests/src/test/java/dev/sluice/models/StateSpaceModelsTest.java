package dev.sluice.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.layers.Mamba2Layer;
import dev.sluice.layers.SequenceContext;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Variables;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Mamba's and Mamba-2's configurations and parameters as flash-linear-attention has them.
class StateSpaceModelsTest {
  private static final String MAMBA =
      """
      {"model_type": "mamba", "vocab_size": 7, "hidden_size": 20, "state_size": 3, "num_hidden_layers": 1,
       "norm_eps": 1e-05, "expand": 2, "intermediate_size": 40, "conv_kernel": 4, "use_bias": false,
       "use_conv_bias": true, "hidden_act": "silu", "initializer_range": 0.02, "residual_in_fp32": false,
       "dt_rank": 2, "dt_scale": 1.0, "dt_min": 0.001, "dt_max": 0.1, "dt_init_scheme": "random",
       "dt_init_floor": 0.0001, "rescale_prenorm_residual": false, "use_cache": true, "fuse_norm": true,
       "fuse_cross_entropy": true, "fuse_linear_cross_entropy": false, "use_l2warp": false,
       "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
       "transformers_version": "5.17.0"}
      """;

  private static final String MAMBA2 =
      """
      {"model_type": "mamba2", "vocab_size": 7, "hidden_size": 12, "state_size": 5, "num_hidden_layers": 1,
       "norm_eps": 1e-05, "expand": 2, "head_dim": 4, "num_heads": 6, "n_groups": 2, "conv_kernel": 4,
       "conv_init": null, "use_bias": false, "use_conv_bias": true, "A_init_range": [1, 16],
       "D_has_hdim": false, "hidden_act": "silu", "initializer_range": 0.02, "residual_in_fp32": true,
       "dt_min": 0.001, "dt_max": 0.1, "dt_init_floor": 0.0001, "dt_limit": [0.0, Infinity],
       "rescale_prenorm_residual": true, "rmsnorm": true, "norm_before_gate": false, "chunk_size": 256,
       "use_cache": true, "fuse_norm": true, "fuse_cross_entropy": true, "fuse_linear_cross_entropy": false,
       "use_l2warp": false, "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 2,
       "pad_token_id": 0, "transformers_version": "5.17.0"}
      """;

  private static ModelConfig read(String text) {
    return ModelConfig.from(JsonFiles.parse("config", text).toMap());
  }

  private static Map<String, Shape> parameters(ModelConfig config) {
    Variables variables = new Variables();
    Graph graph = new Graph("model", Devices.preferred(), variables, Choices.automatic());
    new LanguageModel(config)
        .logits(
            graph, graph.input("ids", Shape.of(1, 3), ElementType.INT32), SequenceContext.whole());
    Map<String, Shape> shapes = new TreeMap<>();
    for (Parameter parameter : variables.parameters()) {
      shapes.put(parameter.name(), parameter.value().shape());
    }
    return shapes;
  }

  @Test
  void mambaHasTheParametersOfACheckpoint() {
    String layer = "backbone.layers.0.";
    Map<String, Shape> expected = new TreeMap<>();
    expected.put("backbone.embeddings.weight", Shape.of(7, 20));
    expected.put("backbone.norm_f.weight", Shape.of(20));
    expected.put("lm_head.weight", Shape.of(7, 20));
    expected.put(layer + "norm.weight", Shape.of(20));
    expected.put(layer + "mixer.in_proj.weight", Shape.of(80, 20));
    expected.put(layer + "mixer.conv1d.weight", Shape.of(40, 1, 4));
    expected.put(layer + "mixer.conv1d.bias", Shape.of(40));
    expected.put(layer + "mixer.x_proj.weight", Shape.of(8, 40));
    expected.put(layer + "mixer.dt_proj.weight", Shape.of(40, 2));
    expected.put(layer + "mixer.dt_proj.bias", Shape.of(40));
    expected.put(layer + "mixer.A_log", Shape.of(40, 3));
    expected.put(layer + "mixer.D", Shape.of(40));
    expected.put(layer + "mixer.out_proj.weight", Shape.of(20, 40));
    assertEquals(expected, parameters(read(MAMBA)));
    expected.remove("lm_head.weight");
    assertEquals(expected, parameters(SmallModels.tied(read(MAMBA))));
  }

  @Test
  void mamba2HasTheParametersOfACheckpoint() {
    String layer = "backbone.layers.0.";
    Map<String, Shape> expected = new TreeMap<>();
    expected.put("backbone.embeddings.weight", Shape.of(7, 12));
    expected.put("backbone.norm_f.weight", Shape.of(12));
    expected.put("lm_head.weight", Shape.of(7, 12));
    expected.put(layer + "norm.weight", Shape.of(12));
    expected.put(layer + "mixer.in_proj.weight", Shape.of(24 + 44 + 6, 12));
    expected.put(layer + "mixer.conv1d.weight", Shape.of(44, 1, 4));
    expected.put(layer + "mixer.conv1d.bias", Shape.of(44));
    expected.put(layer + "mixer.dt_bias", Shape.of(6));
    expected.put(layer + "mixer.A_log", Shape.of(6));
    expected.put(layer + "mixer.D", Shape.of(6));
    expected.put(layer + "mixer.norm.weight", Shape.of(24));
    expected.put(layer + "mixer.out_proj.weight", Shape.of(12, 24));
    assertEquals(expected, parameters(read(MAMBA2)));

    ModelConfig other =
        read(
            MAMBA2
                .replace("\"D_has_hdim\": false", "\"D_has_hdim\": true")
                .replace("\"use_bias\": false", "\"use_bias\": true")
                .replace("\"use_conv_bias\": true", "\"use_conv_bias\": false")
                .replace("\"rmsnorm\": true", "\"rmsnorm\": false"));
    expected.put(layer + "mixer.D", Shape.of(24));
    expected.put(layer + "mixer.in_proj.bias", Shape.of(24 + 44 + 6));
    expected.put(layer + "mixer.out_proj.bias", Shape.of(12));
    expected.remove(layer + "mixer.conv1d.bias");
    expected.remove(layer + "mixer.norm.weight");
    assertEquals(expected, parameters(other));
  }

  @Test
  void normsOfMamba2AreTold() {
    for (Mamba2Layer.Norm norm : Mamba2Layer.Norm.values()) {
      ModelConfig config =
          read(
              MAMBA2
                  .replace("\"rmsnorm\": true", "\"rmsnorm\": " + (norm != Mamba2Layer.Norm.NONE))
                  .replace(
                      "\"norm_before_gate\": false",
                      "\"norm_before_gate\": " + (norm == Mamba2Layer.Norm.BEFORE_GATE)));
      assertEquals(norm, ((Mamba2Config) config.mixers().getFirst()).norm());
      assertEquals(config, ModelConfig.from(config.toMap()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[0, Infinity]", "[0.0, {\"__float__\": \"Infinity\"}]", "null", "[0.0, 1e999]"})
  void noLimitOfTheStepMayBeWrittenInSeveralWays(String limit) {
    assertEquals(read(MAMBA2), read(MAMBA2.replace("[0.0, Infinity]", limit)));
  }

  @Test
  void limitsOfTheStepAreWrittenAndRead() {
    for (String limit : List.of("[0.01, 0.1]", "[0.01, Infinity]")) {
      ModelConfig config = read(MAMBA2.replace("[0.0, Infinity]", limit));
      assertEquals(0.01, ((Mamba2Config) config.mixers().getFirst()).limit().low());
      assertEquals(config, read(JsonFiles.text(config.toMap())));
    }
  }

  @Test
  void rankMayBeAutomatic() {
    assertEquals(read(MAMBA), read(MAMBA.replace("\"dt_rank\": 2", "\"dt_rank\": \"auto\"")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"dt_limit\": [0.0, Infinity]|\"dt_limit\": [-1.0, 0.1]|'dt_limit'",
        "\"dt_limit\": [0.0, Infinity]|\"dt_limit\": [0.2, 0.1]|'dt_limit'",
        "\"dt_limit\": [0.0, Infinity]|\"dt_limit\": [\"a\", 1]|'dt_limit'",
        "\"A_init_range\": [1, 16]|\"A_init_range\": [0, 16]|'A_init_range'",
        "\"A_init_range\": [1, 16]|\"A_init_range\": [16, 1]|'A_init_range'",
        "\"num_heads\": 6|\"num_heads\": 5|'num_heads'",
        "\"head_dim\": 4|\"head_dim\": 5|'num_heads'",
        "\"n_groups\": 2|\"n_groups\": 4|'n_groups'",
        "\"conv_kernel\": 4|\"conv_kernel\": 1|'conv_kernel'",
        "\"hidden_act\": \"silu\"|\"hidden_act\": \"gelu\"|'hidden_act'",
        "\"dt_min\": 0.001|\"dt_min\": 0.5|'dt_min'",
        "\"use_l2warp\": false|\"use_l2warp\": true|'use_l2warp'"
      })
  void whatIsNotImplementedIsRefused(String key, String other, String named) {
    assertTrue(MAMBA2.contains(key), key);
    String text = MAMBA2.replace(key, other);
    ModelException e = assertThrows(ModelException.class, () -> read(text));
    assertTrue(String.valueOf(e.getMessage()).contains(named), e.getMessage());
  }

  @Test
  void headsThatDoNotDivideAreRefused() {
    String text = MAMBA2.replace("\"head_dim\": 4, \"num_heads\": 6", "\"head_dim\": 5");
    ModelException e = assertThrows(ModelException.class, () -> read(text));
    assertEquals(
        "config keys 'expand' times 'hidden_size' give 24, which 'head_dim' 5 does not divide",
        e.getMessage());
  }

  @Test
  void kernelsOfBaseConvAreOneOrMany() {
    ModelConfig preset = SmallModels.of("baseconv", 7, 8, 2, 0.1);
    assertEquals(List.of(3, -1), ((BaseConvConfig) preset.mixers().getFirst()).kernels());
    Map<String, Object> keys = preset.toMap();
    keys.put("kernel_size", 4);
    assertEquals(
        List.of(4), ((BaseConvConfig) ModelConfig.from(keys).mixers().getFirst()).kernels());
    for (Object wrong : List.of(List.of(), List.of(1.5), "long", List.of(0), 1)) {
      keys.put("kernel_size", wrong);
      ModelException e = assertThrows(ModelException.class, () -> ModelConfig.from(keys));
      assertTrue(String.valueOf(e.getMessage()).contains("'kernel_size'"), e.getMessage());
    }
  }
}
