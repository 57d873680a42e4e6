package uk.ac.manchester.tornado.api.common;

import org.jspecify.annotations.Nullable;

/// A call of a library function: which library, which function, which arguments.
public class LibraryTaskDescriptor {

  private String library = "";
  private String function = "";
  private Object[] parameters = {};
  private Access[] access = {};
  private @Nullable Object tuning;

  /// An empty description.
  public LibraryTaskDescriptor() {}

  /// @param name the library
  /// @return this
  public LibraryTaskDescriptor withLibrary(String name) {
    library = name;
    return this;
  }

  /// @param name the function
  /// @return this
  public LibraryTaskDescriptor withFunction(String name) {
    function = name;
    return this;
  }

  /// @param values the arguments
  /// @return this
  public LibraryTaskDescriptor withParameters(Object[] values) {
    parameters = values;
    return this;
  }

  /// @param values what the function does with each argument
  /// @return this
  public LibraryTaskDescriptor withAccess(Access[] values) {
    access = values;
    return this;
  }

  /// @param value whatever the library understands
  /// @return this
  public LibraryTaskDescriptor withTuning(@Nullable Object value) {
    tuning = value;
    return this;
  }

  /// @return the library
  public String getLibraryName() {
    return library;
  }

  /// @return the function
  public String getFunctionName() {
    return function;
  }

  /// @return the arguments
  public Object[] getParameters() {
    return parameters;
  }

  /// @return what the function does with each argument
  public Access[] getAccess() {
    return access;
  }

  /// @return what was given to [#withTuning], or null
  public @Nullable Object getTuning() {
    return tuning;
  }
}
