package dev.sluice.embedded;

import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;

/// Turns a [HostTask] into a library task and back.
public final class HostTasks {

  /// The library name of host tasks.
  public static final String LIBRARY = "sluice.host";

  private static final String FUNCTION = "run";

  private HostTasks() {}

  /// @param task what the library task does
  /// @return its description
  public static LibraryTaskDescriptor describe(HostTask task) {
    return new LibraryTaskDescriptor()
        .withLibrary(LIBRARY)
        .withFunction(FUNCTION)
        .withParameters(new Object[] {task})
        .withAccess(new Access[0]);
  }

  /// @param descriptor a description made by [#describe]
  /// @return the task described
  /// @throws NotEmbeddedException if another library is described
  public static HostTask taskOf(LibraryTaskDescriptor descriptor) {
    if (LIBRARY.equals(descriptor.getLibraryName())
        && descriptor.getParameters().length == 1
        && descriptor.getParameters()[0] instanceof HostTask task) {
      return task;
    }
    throw NotEmbeddedException.of(
        "Library task " + descriptor.getLibraryName() + "." + descriptor.getFunctionName(),
        "a kernel or a host task");
  }
}
