package dev.sluice.cli.compare;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.cli.bench.BenchReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What was compared: devices, each with the machine that it is in, and what each did.
final class CompareFile {
  private static final String DEVICES = "devices";
  private static final String LABEL = "label";
  private static final String ENTRIES = "entries";

  /// Work that is this much faster than a measured peak was not disturbed by chance: the peak is
  /// none.
  private static final double DISTURBANCE = 1.1;

  /// What is said of a device whose peak is none.
  static final String NO_PEAK =
      "Work here was faster than the multiply-adds that were measured, so that these are no peak (the device's compiler does not make of them what it can do): parts of it are left out.";

  private final SequencedMap<String, SequencedMap<String, ?>> devices = new LinkedHashMap<>();
  private final List<CompareEntry> entries = new ArrayList<>();

  /// Adds a device.
  ///
  /// @param label what it is called; made unique by a number
  /// @param machine what it is and what it is in
  /// @return its label in this file
  String device(String label, SequencedMap<String, ?> machine) {
    String unique = label;
    for (int number = 2; devices.containsKey(unique); number++) {
      unique = label + " (" + number + ")";
    }
    devices.put(unique, machine);
    return unique;
  }

  /// Adds what a device did.
  void add(CompareEntry entry) {
    entries.add(entry);
  }

  /// The devices by label.
  SequencedMap<String, SequencedMap<String, ?>> devices() {
    return devices;
  }

  /// What they did.
  List<CompareEntry> entries() {
    return entries;
  }

  /// Whether some work of a device was faster than the peak that was measured on it.
  boolean exceedsPeak(String device) {
    return entries.stream().anyMatch(e -> e.device().equals(device) && e.ofPeak() > DISTURBANCE);
  }

  /// What they did, without the parts of ceilings that are none: of a peak that is exceeded, and of
  /// a copy through memory where the work stayed in a cache.
  List<CompareEntry> ofKnownCeilings() {
    return entries.stream()
        .map(e -> exceedsPeak(e.device()) ? e.withoutPeak() : e)
        .map(e -> e.ofCopy() > DISTURBANCE ? e.withoutCopy() : e)
        .toList();
  }

  /// Adds everything of a file, behind what is here.
  ///
  /// @throws dev.sluice.checkpoint.CheckpointException if it cannot be read or is no such file
  void merge(Path path) {
    JsonObject json = JsonFiles.load(path);
    SequencedMap<String, String> labels = new LinkedHashMap<>();
    for (JsonObject device : BenchReport.objects(json, DEVICES)) {
      SequencedMap<String, Object> machine = new LinkedHashMap<>(device.toMap());
      machine.remove(LABEL);
      labels.put(device.text(LABEL), device(device.text(LABEL), machine));
    }
    for (JsonObject object : BenchReport.objects(json, ENTRIES)) {
      CompareEntry entry = CompareEntry.of(object);
      String label = labels.get(entry.device());
      if (label == null) {
        throw object.error(
            "device", "'%s' is not among the file's devices".formatted(entry.device()));
      }
      entries.add(entry.on(label));
    }
  }

  /// Puts what was done of the same work side by side, in the order in which the works first came.
  void group() {
    List<String> works = entries.stream().map(CompareEntry::work).distinct().toList();
    entries.sort(Comparator.comparingInt(entry -> works.indexOf(entry.work())));
  }

  /// Writes it.
  ///
  /// @throws dev.sluice.checkpoint.CheckpointException if it cannot be written
  void store(Path path) {
    JsonFiles.store(path, toMap());
  }

  SequencedMap<String, Object> toMap() {
    List<SequencedMap<String, Object>> machines = new ArrayList<>();
    devices.forEach((label, machine) -> {
      SequencedMap<String, Object> map = new LinkedHashMap<>();
      map.put(LABEL, label);
      map.putAll(machine);
      machines.add(map);
    });
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(DEVICES, machines);
    map.put(ENTRIES, entries.stream().map(CompareEntry::toMap).toList());
    return map;
  }
}
