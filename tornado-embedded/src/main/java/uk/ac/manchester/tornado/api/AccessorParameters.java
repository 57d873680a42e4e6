package uk.ac.manchester.tornado.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.common.Access;

/// The arguments of a prebuilt kernel and what it does with them.
public class AccessorParameters {

  private final @Nullable PairAccessor[] accessors;

  /// @param count how many arguments
  public AccessorParameters(int count) {
    accessors = new @Nullable PairAccessor[count];
  }

  /// @param index which argument
  /// @param object its value
  /// @param access what the kernel does with it
  public void set(int index, Object object, Access access) {
    accessors[index] = new PairAccessor(object, access);
  }

  /// @return how many arguments
  public int numAccessors() {
    return accessors.length;
  }

  /// @param index which argument
  /// @return the argument
  /// @throws NullPointerException if it was not set
  public PairAccessor getAccessor(int index) {
    return Objects.requireNonNull(accessors[index], () -> "Argument " + index + " was not set");
  }

  /// One argument.
  ///
  /// @param object its value
  /// @param access what the kernel does with it
  public record PairAccessor(Object object, Access access) {}
}
