package dev.sluice.tasks.kernels;

import java.io.IOException;
import java.lang.module.ResolvedModule;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/// The two compilers that TornadoVM puts behind one another for a CUDA device: its own, which makes
/// CUDA C of a method, and NVRTC, which makes the device's code of that.
///
/// TornadoVM calls them one after the other, task by task, and keeps what NVRTC made in the process
/// only, by the exact source. Called here, the first gives a source to keep on disk, and many
/// sources go through the second at once. These are public members of exported classes, but not of
/// TornadoVM's API: should one be missing, nothing of this is used.
public final class TornadoCompiler {
  private static final String TASK_GRAPH = "sluice_kernel";
  private static final String RUNTIME = "runtime.TornadoCoreRuntime";
  private static final String CUDA = "drivers.cuda.";

  private final TornadoDevice device;
  private int tasks;

  /// @param device a device of the CUDA backend
  public TornadoCompiler(TornadoDevice device) {
    this.device = device;
  }

  /// What tells this compiler from others: the files that it is made of, and NVRTC's version, on
  /// which some of what it makes depends.
  ///
  /// @throws ReflectiveOperationException if TornadoVM has not the members called
  public String identity() throws ReflectiveOperationException {
    TreeSet<String> parts = new TreeSet<>();
    for (ResolvedModule module : ModuleLayer.boot().configuration().modules()) {
      if (module.name().startsWith("tornado.") || module.name().equals("jdk.graal.compiler")) {
        String version = module.reference().descriptor().rawVersion().orElse("");
        parts.add(
            module.name() + " " + version + " " + file(module.reference().location().orElse(null)));
      }
    }
    return parts + " NVRTC " + Members.callStatic(CUDA + "CUDAProgram", "getNvrtcVersion");
  }

  private static String file(@Nullable URI place) {
    if (place == null || !"file".equals(place.getScheme())) {
      return String.valueOf(place);
    }
    try {
      Path path = Path.of(place);
      return Files.size(path) + " " + Files.getLastModifiedTime(path);
    } catch (IOException e) {
      return "";
    }
  }

  /// Makes CUDA C of a kernel, as TornadoVM would for a task with these arguments and this grid.
  ///
  /// @param workers null if the kernel's parallel loops say how many work-items there are
  /// @throws ReflectiveOperationException if TornadoVM has not the members called, or refuses the
  ///   kernel
  public CompiledKernel compile(Method kernel, List<Object> arguments, @Nullable WorkerGrid workers)
      throws ReflectiveOperationException {
    String id = "k" + tasks++;
    Object schedule = Members.make("runtime.tasks.meta.ScheduleContext", TASK_GRAPH);
    Object task =
        Members.make("runtime.tasks.CompilableTask", schedule, id, kernel, arguments.toArray());
    Members.run(task, "setDevice", device);
    if (workers != null) {
      GridScheduler grids = new GridScheduler();
      grids.addWorkerGrid(TASK_GRAPH + "." + id, workers);
      Members.run(task, "setUseGridScheduler", true);
      Members.run(task, "setGridScheduler", grids);
    }
    Object meta = Members.get(task, "meta");
    Object sketch = sketch(kernel, meta);
    Access[] accesses = (Access[]) Members.get(sketch, "getArgumentsAccess");
    Access[] ofTask = (Access[]) Members.get(meta, "getArgumentsAccess");
    System.arraycopy(accesses, 0, ofTask, 0, accesses.length);
    Object backend = Members.get(device, "getBackend");
    Object result =
        Members.callStatic(
            CUDA + "graal.compiler.CUDACompiler",
            "compileSketchForDevice",
            sketch,
            task,
            Members.get(backend, "getProviders"),
            backend,
            Members.make("runtime.profiler.EmptyProfiler"));
    byte[] source = (byte[]) Members.get(result, "getTargetCode");
    return new CompiledKernel(
        (String) Members.get(result, "getName"),
        Arrays.asList(accesses),
        sizes(meta),
        new String(source, StandardCharsets.UTF_8));
  }

  /// What TornadoVM makes of a method when a task is added.
  private static Object sketch(Method kernel, Object meta) throws ReflectiveOperationException {
    Object runtime = Members.callStatic(RUNTIME, "getTornadoRuntime");
    int backend = (int) Members.get(meta, "getBackendIndex");
    int number = (int) Members.get(meta, "getDeviceIndex");
    Object method = Members.get(runtime, "resolveMethod", kernel);
    Object driver = Members.get(runtime, "getBackend", backend);
    Object suites = Members.get(driver, "getSuitesProvider");
    Object request =
        Members.make(
            "runtime.sketcher.SketchRequest",
            method,
            Members.get(driver, "getProviders"),
            Members.get(suites, "getGraphBuilderSuite"),
            Members.get(suites, "getSketchTier"),
            backend,
            number);
    Members.run(request, "run");
    return Members.callStatic(
        "runtime.sketcher.TornadoSketcher", "lookup", method, backend, number);
  }

  private static List<Integer> sizes(Object meta) throws ReflectiveOperationException {
    List<Integer> sizes = new ArrayList<>();
    if ((boolean) Members.get(meta, "hasDomain")) {
      Object domain = Members.get(meta, "getDomain");
      int depth = (int) Members.get(domain, "getDepth");
      for (int i = 0; i < depth; i++) {
        sizes.add((int) Members.get(Members.get(domain, "get", i), "cardinality"));
      }
    }
    return sizes;
  }

  /// Has NVRTC compile a source, after which TornadoVM finds the result. May be called by many
  /// threads at once.
  ///
  /// @throws ReflectiveOperationException if TornadoVM has not the members called
  public void build(String source) throws ReflectiveOperationException {
    byte[] bytes = source.getBytes(StandardCharsets.UTF_8);
    Object context = Members.get(device, "getDeviceContext");
    Object program =
        Members.get(context, "createProgramWithSource", bytes, new long[] {bytes.length});
    Members.run(program, "build", "");
    Members.run(program, "cleanup");
  }
}
