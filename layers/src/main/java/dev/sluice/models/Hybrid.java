package dev.sluice.models;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Models whose layers differ. Where all that differs is attention in some layers,
/// flash-linear-attention has a key for it (`attn`); what it has none for is written into
/// `sluice.json`:
///
///     {"layers": ["gla", "gla", "delta_net"], "mixers": {"gla": {"mixer": "gla", …}, …}}
///
/// and `config.json` then has a `model_type` that flash-linear-attention refuses.
final class Hybrid {
  /// Value of `model_type` where `sluice.json` says what the layers are.
  static final String TYPE = "sluice_hybrid";

  /// Value in `architectures`.
  static final String ARCHITECTURE = "SluiceHybridForCausalLM";

  /// Of the keys that all models have.
  static final ModelType.Defaults DEFAULTS = new ModelType.Defaults(24, 4, 1e-6);

  private static final String ATTENTION = "attn";
  private static final String LAYERS = "layers";
  private static final String MIXERS = "mixers";
  private static final String MIXER = "mixer";

  private Hybrid() {}

  /// The mixer that stands for the whole model: the only one, or the only one besides attention
  /// that flash-linear-attention can mix in. Null if there is none such.
  static @Nullable MixerConfig main(List<MixerConfig> mixers) {
    MixerConfig first = mixers.getFirst();
    if (mixers.stream().allMatch(first::equals)) {
      return first;
    }
    List<MixerConfig> others = mixers.stream().filter(m -> !attention(m)).distinct().toList();
    return others.size() == 1 && takesAttention(others.getFirst()) ? others.getFirst() : null;
  }

  private static boolean attention(MixerConfig mixer) {
    return mixer instanceof AttentionConfig attention && attention.mixesIn();
  }

  private static boolean takesAttention(MixerConfig mixer) {
    return mixer.type().frame().feedForward() && !(mixer instanceof AttentionConfig);
  }

  /// Reads `attn`: the layers with attention in place of `main`.
  static List<MixerConfig> readAttention(ConfigReader keys, MixerConfig main, int layers) {
    List<MixerConfig> mixers = new ArrayList<>(Collections.nCopies(layers, main));
    if (!takesAttention(main)) {
      keys.neutral(ATTENTION, (Object) null);
      return mixers;
    }
    Set<Integer> taken = new HashSet<>();
    for (ConfigReader spec : keys.objects(ATTENTION)) {
      MixerConfig attention = AttentionConfig.readMixedIn(spec);
      for (int layer : spec.requiredIntegers(LAYERS)) {
        if (layer < 0 || layer >= layers) {
          throw wrong(layer, "is not one of 0 to " + (layers - 1));
        }
        if (!taken.add(layer)) {
          throw wrong(layer, "is named twice");
        }
        mixers.set(layer, attention);
      }
      spec.refuseUnknown();
    }
    return mixers;
  }

  private static ModelException wrong(int layer, String why) {
    return new ModelException(
        "config key '%s.%s': layer %d %s".formatted(ATTENTION, LAYERS, layer, why));
  }

  /// Writes `attn` if there are layers of attention besides `main`.
  static void writeAttention(List<MixerConfig> mixers, MixerConfig main, Map<String, Object> keys) {
    List<Map<String, Object>> specs = new ArrayList<>();
    for (MixerConfig mixer : mixers.stream().filter(m -> !m.equals(main)).distinct().toList()) {
      Map<String, Object> spec = new LinkedHashMap<>();
      List<Integer> layers = new ArrayList<>();
      for (int layer = 0; layer < mixers.size(); layer++) {
        if (mixers.get(layer).equals(mixer)) {
          layers.add(layer);
        }
      }
      spec.put(LAYERS, layers);
      ((AttentionConfig) mixer).writeMixedIn(spec);
      specs.add(spec);
    }
    if (!specs.isEmpty()) {
      keys.put(ATTENTION, specs.size() == 1 ? specs.getFirst() : specs);
    }
  }

  /// Reads the layers from `sluice.json`.
  static List<MixerConfig> read(ConfigReader own, int layers, int width) {
    List<String> names = own.requiredTexts(LAYERS);
    if (names.size() != layers) {
      throw new ModelException(
          "sluice.json has %d layers where config key 'num_hidden_layers' is %d"
              .formatted(names.size(), layers));
    }
    ConfigReader all = own.object(MIXERS);
    Map<String, MixerConfig> mixers = new LinkedHashMap<>();
    List<MixerConfig> read = new ArrayList<>();
    for (String name : names) {
      read.add(mixers.computeIfAbsent(name, n -> readMixer(all.object(n), width)));
    }
    all.refuseUnknown();
    return read;
  }

  private static MixerConfig readMixer(ConfigReader keys, int width) {
    keys.required(MIXER);
    MixerConfig mixer = ModelTypes.ofMixer(keys.text(MIXER, "")).reader().read(keys, width);
    keys.refuseUnknown();
    return mixer;
  }

  /// Writes what [#read] reads.
  static void write(List<MixerConfig> mixers, Map<String, Object> own) {
    Map<MixerConfig, String> names = new LinkedHashMap<>();
    Map<String, Object> objects = new LinkedHashMap<>();
    for (MixerConfig mixer : mixers.stream().distinct().toList()) {
      String name = mixer.type().mixer();
      for (int i = 2; objects.containsKey(name); i++) {
        name = mixer.type().mixer() + "-" + i;
      }
      Map<String, Object> keys = new LinkedHashMap<>();
      keys.put(MIXER, mixer.type().mixer());
      mixer.write(keys);
      mixer.writeOwn(keys);
      names.put(mixer, name);
      objects.put(name, keys);
    }
    own.put(LAYERS, mixers.stream().map(names::get).toList());
    own.put(MIXERS, objects);
  }
}
