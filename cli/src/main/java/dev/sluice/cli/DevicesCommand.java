package dev.sluice.cli;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice devices`.
@Command(
    name = "devices",
    description = "Lists the devices of the runtime in use, and which one is taken by default.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "The runtime is TornadoVM where TORNADOVM_HOME names its SDK, else the embedded one, on this JVM.",
      "",
      "Example: sluice devices"
    })
final class DevicesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Show each device as a line of JSON.")
  private boolean json;

  @SuppressWarnings("NullAway.Init")
  DevicesCommand() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<Device> devices = Devices.all();
    for (Device device : devices) {
      boolean taken = device == devices.getFirst();
      List<String> lacked = lacked(device);
      if (json) {
        SequencedMap<String, Object> map = new LinkedHashMap<>();
        map.put("id", device.id());
        map.put("backend", device.backend().name());
        map.put("name", device.name());
        map.put("memory", device.memory());
        map.put("default", taken);
        map.put("features", device.features().stream().map(Feature::title).toList());
        map.put("lacks", lacked);
        out.println(JsonFiles.line(map));
      } else {
        out.printf(
            "%s %-10s %s, %d MB%n",
            taken ? "*" : " ", device.id(), device.name(), device.memory() >> 20);
        out.printf(
            "             has: %s%n",
            device.features().stream().map(Feature::title).collect(Collectors.joining(", ")));
        if (!lacked.isEmpty()) {
          out.printf("             lacks: %s%n", String.join(", ", lacked));
        }
      }
    }
    if (!json) {
      out.println(
          devices.getFirst().id().equals("jvm")
              ? "The embedded runtime is in use. To use a GPU, install TornadoVM and set TORNADOVM_HOME."
              : "TornadoVM is in use. * is taken when --device is left out.");
    }
    out.flush();
    return 0;
  }

  /// What ops have other forms without: all that a runtime for GPUs can have.
  private static List<String> lacked(Device device) {
    if (device.backend() == Backend.JVM) {
      return List.of();
    }
    Set<Feature> others = EnumSet.of(Feature.VECTOR_API, Feature.HOST_TASKS, Feature.TF32);
    return EnumSet.complementOf(EnumSet.copyOf(others)).stream()
        .filter(f -> !device.has(f))
        .map(Feature::title)
        .toList();
  }
}
