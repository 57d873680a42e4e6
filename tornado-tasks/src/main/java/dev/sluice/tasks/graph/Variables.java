package dev.sluice.tasks.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tensors that outlive one execution and are shared by the graphs of a program, by name, in
/// the order in which they were first asked for. Asking again for a name gives the same tensor, so
/// a training graph and a generation graph built from the same layers share their parameters.
public final class Variables {
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> others = new LinkedHashMap<>();

  /// The parameter `name`.
  ///
  /// @param decays whether decoupled weight decay applies to it
  /// @throws GraphException if it is there already with another shape
  public Parameter parameter(String name, Shape shape, Initializer initializer, boolean decays) {
    Parameter known = parameters.get(name);
    if (known != null) {
      known.value().expect(shape);
      return known;
    }
    Parameter created =
        new Parameter(
            new Tensor(name, shape, ElementType.FLOAT32, Tensor.Role.VARIABLE),
            new Tensor(name + ".gradient", shape, ElementType.FLOAT32, Tensor.Role.VARIABLE),
            initializer,
            decays);
    parameters.put(name, created);
    return created;
  }

  /// The variable `name` that is not a parameter: a state, a moment, a step setting; zero at first.
  ///
  /// @throws GraphException if it is there already with another shape or type
  public Tensor variable(String name, Shape shape, ElementType type) {
    return shared(name, shape, type, Tensor.Role.VARIABLE);
  }

  private Tensor shared(String name, Shape shape, ElementType type, Tensor.Role role) {
    Tensor known = others.get(name);
    if (known != null) {
      known.expect(shape);
      if (known.type() != type || known.role() != role) {
        throw new GraphException(
            "variable '%s' is %s %s, not %s %s"
                .formatted(name, known.role(), known.type(), role, type));
      }
      return known;
    }
    Tensor created = new Tensor(name, shape, type, role);
    others.put(name, created);
    return created;
  }

  /// The setting `name`: an input shared by the graphs of a program, copied to the device before
  /// each execution: learning rate, step number, seed.
  ///
  /// @throws GraphException if it is there already with another shape or type
  public Tensor setting(String name, Shape shape, ElementType type) {
    return shared(name, shape, type, Tensor.Role.INPUT);
  }

  /// All parameters, in the order of their creation.
  public Collection<Parameter> parameters() {
    return Collections.unmodifiableCollection(parameters.values());
  }

  /// The parameter with this name, or null.
  public @Nullable Parameter findParameter(String name) {
    return parameters.get(name);
  }

  /// The parameter whose value is `tensor`, or null if it is no parameter.
  @Nullable Parameter parameterOf(Tensor tensor) {
    Parameter parameter = parameters.get(tensor.name());
    return parameter != null && parameter.value() == tensor.root() ? parameter : null;
  }

  /// All variables that are not parameters or their gradients.
  public Collection<Tensor> others() {
    return Collections.unmodifiableCollection(others.values());
  }

  /// Number of trained values.
  public long parameterCount() {
    return parameters.values().stream().mapToLong(p -> p.value().size()).sum();
  }

  /// Every tensor of the store: parameters, gradients, then the others.
  List<Tensor> all() {
    List<Tensor> all = new ArrayList<>();
    parameters.values().forEach(p -> all.add(p.value()));
    parameters.values().forEach(p -> all.add(p.gradient()));
    all.addAll(others.values());
    return all;
  }
}
