package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// A static graph of ops over named tensors, built once for given shapes and one device.
///
/// Ops append [Node]s in execution order and, where they can be differentiated, a [GradientRule].
/// [#backward] walks the rules from the last to the first and appends the nodes of the gradients,
/// so that whoever writes a layer writes its forward pass only.
public final class Graph {
  private record Rule(List<Tensor> inputs, List<Tensor> outputs, GradientRule rule) {}

  private final String name;
  private final Device device;
  private final Variables variables;
  private final Choices choices;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Rule> rules = new ArrayList<>();
  private final SequencedMap<String, Tensor> inputs = new LinkedHashMap<>();
  private final SequencedSet<Tensor> outputs = new LinkedHashSet<>();
  private final Map<String, Integer> uses = new HashMap<>();
  private final Set<Tensor> differentiable = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Tensor> requested = new HashSet<>();
  private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
  private final Map<Object, Object> shared = new HashMap<>();

  /// An empty graph.
  ///
  /// @param name unique among the graphs of a program; by it the graph is run
  /// @param device decides which implementations the ops take
  /// @param variables the tensors shared with the program's other graphs
  /// @param choices picks implementations and remembers them
  public Graph(String name, Device device, Variables variables, Choices choices) {
    this.name = name;
    this.device = device;
    this.variables = variables;
    this.choices = choices;
  }

  /// The name by which the graph is run.
  public String name() {
    return name;
  }

  /// The device that the graph is built for.
  public Device device() {
    return device;
  }

  /// The tensors shared with the program's other graphs.
  public Variables variables() {
    return variables;
  }

  /// The implementation that `op` takes on this graph's device.
  public <E extends Enum<E> & Implementation> E choose(String op, Class<E> candidates) {
    return choices.choose(op, device, candidates);
  }

  /// The implementation that `op` takes on this graph's device, among those made for its sizes.
  ///
  /// @param takes whether an implementation is made for them
  /// @param sizes the sizes in words
  public <E extends Enum<E> & Implementation> E choose(
      String op, Class<E> candidates, Predicate<E> takes, String sizes) {
    return choices.choose(op, device, candidates, takes, sizes);
  }

  /// An input: copied to the device before each execution.
  ///
  /// @throws GraphException if the name is taken
  public Tensor input(String inputName, Shape shape, ElementType type) {
    Tensor input = new Tensor(inputName, shape, type, Tensor.Role.INPUT);
    if (inputs.putIfAbsent(inputName, input) != null) {
      throw new GraphException("graph '" + name + "' has an input '" + inputName + "' already");
    }
    return input;
  }

  /// The trained tensor `parameterName` of the program.
  public Tensor parameter(
      String parameterName, Shape shape, Initializer initializer, boolean decays) {
    Tensor value = variables.parameter(parameterName, shape, initializer, decays).value();
    differentiable.add(value);
    return value;
  }

  /// A new tensor that lives within one execution. The name is made unique by a number.
  public Tensor activation(String baseName, Shape shape, ElementType type) {
    int use = uses.merge(baseName, 1, Integer::sum);
    String unique = use == 1 ? baseName : baseName + "#" + use;
    return new Tensor(unique, shape, type, Tensor.Role.ACTIVATION);
  }

  /// A new float32 tensor that lives within one execution.
  public Tensor activation(String baseName, Shape shape) {
    return activation(baseName, shape, ElementType.FLOAT32);
  }

  /// What several ops of the graph have in common: what `make` made when `key` was first asked for.
  /// The nodes that it appended then come before those of all who ask later.
  ///
  /// @param key of a type of the asker's own, equal where the same is wanted
  @SuppressWarnings("unchecked") // The asker's key stands for one type of value.
  public <T> T common(Record key, Supplier<T> make) {
    Object known = shared.get(key);
    if (known == null) {
      known = make.get();
      shared.put(key, known);
    }
    return (T) known;
  }

  /// Begins a node; [NodeBuilder#lower] appends it.
  public NodeBuilder node(String nodeName) {
    return new NodeBuilder(this, nodeName);
  }

  void append(Node node) {
    nodes.add(node);
  }

  /// Says how gradients flow from `ruleOutputs` to `ruleInputs`. The rule is asked only if one of
  /// the inputs depends on a parameter or on an input whose gradient is wanted.
  public void differentiable(List<Tensor> ruleInputs, List<Tensor> ruleOutputs, GradientRule rule) {
    if (ruleInputs.stream().anyMatch(this::needsGradient)) {
      ruleOutputs.forEach(o -> differentiable.add(o.root()));
      rules.add(new Rule(List.copyOf(ruleInputs), List.copyOf(ruleOutputs), rule));
    }
  }

  /// Asks for the gradient of an input; to be called before the input is used.
  public Tensor requireGradient(Tensor input) {
    differentiable.add(input);
    requested.add(input);
    return input;
  }

  /// Whether [#requireGradient] asked for the gradient of `input`.
  boolean isRequested(Tensor input) {
    return requested.contains(input);
  }

  /// Whether a gradient flows to `tensor`.
  public boolean needsGradient(Tensor tensor) {
    return differentiable.contains(tensor.root());
  }

  /// Marks a tensor as a result: it keeps a buffer of its own and can be read after an execution.
  public Tensor output(Tensor tensor) {
    outputs.add(tensor.root());
    return tensor;
  }

  /// Makes every tensor that a node writes a result, so that all can be looked at after an
  /// execution; to be called last. Takes far more memory than a graph needs.
  public void keepAll() {
    for (Node node : nodes) {
      for (Tensor tensor : node.writes()) {
        if (tensor.role() == Tensor.Role.ACTIVATION) {
          outputs.add(tensor);
        }
      }
    }
  }

  /// Appends the gradients of `sum(output · seed)` over all entries of `seeds` with respect to
  /// every parameter and every input named by [#requireGradient].
  ///
  /// @param seeds output tensor → its cotangent of the same shape
  public void backward(Map<Tensor, Tensor> seeds) {
    if (seeds.keySet().stream().noneMatch(this::needsGradient)) {
      throw new GraphException("graph '" + name + "' has nothing to differentiate");
    }
    Gradients walk = new Gradients(this, seeds);
    for (Rule rule : rules.reversed()) {
      walk.through(rule.inputs(), rule.outputs(), rule.rule());
    }
    for (Tensor input : requested) {
      Tensor gradient = walk.find(input);
      if (gradient != null) {
        gradients.put(input, output(gradient));
      }
    }
  }

  /// The gradient of an input named by [#requireGradient], after [#backward].
  ///
  /// @throws GraphException if no gradient reaches it
  public Tensor gradient(Tensor input) {
    Tensor gradient = gradients.get(input);
    if (gradient == null) {
      throw new GraphException("no gradient reaches tensor '" + input.name() + "'");
    }
    return gradient;
  }

  /// The inputs, by name.
  public SequencedMap<String, Tensor> inputs() {
    return Collections.unmodifiableSequencedMap(inputs);
  }

  /// The results, in the order in which they were named.
  public SequencedSet<Tensor> outputs() {
    return Collections.unmodifiableSequencedSet(outputs);
  }

  /// The nodes that results or variables depend on, in execution order.
  public List<Node> liveNodes() {
    Set<Tensor> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
    wanted.addAll(outputs);
    List<Node> live = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      boolean used =
          node.writes().stream().anyMatch(t -> keeps(wanted, t))
              || node.updates().stream().anyMatch(t -> keeps(wanted, t));
      if (used) {
        live.add(node);
        wanted.addAll(node.reads());
        wanted.addAll(node.updates());
      }
    }
    return live.reversed();
  }

  private static boolean keeps(Set<Tensor> wanted, Tensor tensor) {
    return tensor.role() != Tensor.Role.ACTIVATION || wanted.contains(tensor);
  }
}
