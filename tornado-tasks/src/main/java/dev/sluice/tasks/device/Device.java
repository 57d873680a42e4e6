package dev.sluice.tasks.device;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/// A device on which programs run, and what it can do.
public final class Device {
  private final String id;
  private final Backend backend;
  private final String name;
  private final EnumSet<Feature> features;
  private final long memory;
  private final @Nullable TornadoDevice handle;

  Device(
      String id,
      Backend backend,
      String name,
      Set<Feature> features,
      long memory,
      @Nullable TornadoDevice handle) {
    this.id = id;
    this.backend = backend;
    this.name = name;
    this.features = EnumSet.noneOf(Feature.class);
    this.features.addAll(features);
    this.memory = memory;
    this.handle = handle;
  }

  /// The name by which it is asked for: `jvm`, `cuda:0`, `opencl:1`.
  public String id() {
    return id;
  }

  /// Who compiles and runs its tasks.
  public Backend backend() {
    return backend;
  }

  /// What the driver calls it.
  public String name() {
    return name;
  }

  /// What it can do.
  public Set<Feature> features() {
    return EnumSet.copyOf(features);
  }

  /// Whether it has `feature`.
  public boolean has(Feature feature) {
    return features.contains(feature);
  }

  /// Bytes of memory that programs may take of it.
  public long memory() {
    return memory;
  }

  /// Whether TornadoVM's setting `tornado.device.memory` withholds memory that the device has.
  public boolean hasMore() {
    long whole = handle == null ? memory : handle.getMaxGlobalMemory();
    return memory < whole - whole / RuntimeSettings.DRIVERS_PART;
  }

  /// The runtime's own object for the device.
  public @Nullable TornadoDevice handle() {
    return handle;
  }

  /// This device as if it lacked `feature`, to compare or test implementations.
  public Device without(Feature feature) {
    Set<Feature> fewer = features();
    fewer.remove(feature);
    return new Device(id, backend, name, fewer, memory, handle);
  }

  /// This device as if it had `feature`, to test implementations that a runtime emulates.
  public Device with(Feature feature) {
    Set<Feature> more = features();
    more.add(feature);
    return new Device(id, backend, name, more, memory, handle);
  }

  @Override
  public String toString() {
    return id + " (" + name + ")";
  }
}
