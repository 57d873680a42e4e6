package uk.ac.manchester.tornado.api.runtime;

import dev.sluice.embedded.engine.EmbeddedRuntime;
import uk.ac.manchester.tornado.api.TornadoRuntime;

/// Gives access to the one runtime.
public class TornadoRuntimeProvider {

  private TornadoRuntimeProvider() {}

  /// @return the runtime
  public static TornadoRuntime getTornadoRuntime() {
    return EmbeddedRuntime.INSTANCE;
  }

  /// @return whether every plan is profiled
  public static boolean isProfilerEnabled() {
    return EmbeddedRuntime.INSTANCE.isProfilerEnabled();
  }
}
