package uk.ac.manchester.tornado.api;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/// Every backend and device of the runtime.
public class TornadoDeviceMap {

  private final List<TornadoBackend> backends;

  /// Looks at the runtime.
  public TornadoDeviceMap() {
    TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
    backends = IntStream.range(0, runtime.getNumBackends()).mapToObj(runtime::getBackend).toList();
  }

  /// @return how many backends
  public int getNumBackends() {
    return backends.size();
  }

  /// @return every backend
  public List<TornadoBackend> getAllBackends() {
    return backends;
  }

  /// @param wanted which backends
  /// @return those backends
  public List<TornadoBackend> getBackendsWithPredicate(Predicate<? super TornadoBackend> wanted) {
    return backends.stream().filter(wanted).toList();
  }

  /// @param wanted which devices
  /// @return the backends that have such a device
  public List<TornadoBackend> getBackendsWithDevicePredicate(
      Predicate<? super TornadoDevice> wanted) {
    return backends.stream().filter(b -> b.getAllDevices().stream().anyMatch(wanted)).toList();
  }

  /// @param part a part of a device's name, in any case
  /// @return the devices so named
  public Stream<TornadoDevice> getDevicesByName(String part) {
    String lower = part.toLowerCase(Locale.ROOT);
    return devices()
        .filter(
            d -> d.getPhysicalDevice().getDeviceName().toLowerCase(Locale.ROOT).contains(lower));
  }

  /// @param type a kind of device
  /// @return the devices of that kind
  public Stream<TornadoDevice> getDevicesByType(TornadoDeviceType type) {
    return devices().filter(d -> d.getDeviceType() == type);
  }

  private Stream<TornadoDevice> devices() {
    return backends.stream().flatMap(b -> b.getAllDevices().stream());
  }
}
