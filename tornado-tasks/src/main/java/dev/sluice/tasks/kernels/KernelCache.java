package dev.sluice.tasks.kernels;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/// The compiled kernels of this process, for the devices of TornadoVM's CUDA backend: from disk, or
/// compiled and put there.
///
/// Programs of several threads share it.
public final class KernelCache {
  /// A kernel, and its source in a file that stays as long as the process.
  ///
  /// @param kernel what it is
  /// @param file its source
  public record Placed(CompiledKernel kernel, Path file) {}

  private static final Map<String, KernelCache> CACHES = new HashMap<>();
  private static @Nullable PrebuiltTasks prebuilt;

  private final KernelStore store;
  private final TornadoCompiler compiler;
  private final String device;
  private final String identity;
  private final PrebuiltTasks tasks;
  private final Path own;
  private final KernelBuilds builds = new KernelBuilds();
  private final Map<ClassLoader, CodeDigest> digests = new HashMap<>();
  private final Map<String, Placed> placed = new HashMap<>();
  private boolean broken;

  private KernelCache(KernelStore store, Device device, TornadoDevice handle, PrebuiltTasks tasks)
      throws ReflectiveOperationException, IOException {
    this.store = store;
    this.device = device.name();
    this.compiler = new TornadoCompiler(handle);
    this.identity = compiler.identity();
    this.tasks = tasks;
    this.own = ownFolder();
  }

  /// The cache for a device.
  ///
  /// @return empty if its backend is another one, if the user wants none, or if TornadoVM is not as
  ///   expected; it compiles by itself then
  public static synchronized Optional<KernelCache> of(Device device) {
    TornadoDevice handle = device.handle();
    Optional<Path> folder =
        KernelStore.folder(System.getenv(), System.getProperty("user.home", "."));
    if (device.backend() != Backend.CUDA || handle == null || folder.isEmpty()) {
      return Optional.empty();
    }
    try {
      KernelCache cache = CACHES.get(device.id());
      if (cache == null) {
        PrebuiltTasks tasks = prebuilt == null ? new PrebuiltTasks() : prebuilt;
        prebuilt = tasks;
        cache = new KernelCache(new KernelStore(folder.get()), device, handle, tasks);
        CACHES.put(device.id(), cache);
      }
      return Optional.of(cache);
    } catch (ReflectiveOperationException | LinkageError | IOException e) {
      return Optional.empty();
    }
  }

  /// The kernel of a task, compiled by TornadoVM at the latest now; the driver's compiler begins.
  ///
  /// @param owner the class of the kernel's method
  /// @param name its name
  /// @param descriptor its descriptor
  /// @param arguments the task's
  /// @param workers its grid; null if the parallel loops say it
  /// @param resident work-items that a multiprocessor must have registers for at a time, or 0
  /// @return empty if it cannot be compiled here
  public synchronized Optional<Placed> find(
      Class<?> owner,
      String name,
      String descriptor,
      List<Object> arguments,
      @Nullable WorkerGrid workers,
      int resident) {
    ClassLoader loader = owner.getClassLoader();
    if (broken || loader == null) {
      return Optional.empty();
    }
    try {
      String key = key(owner, loader, name, descriptor, arguments, workers, resident);
      Placed known = placed.get(key);
      if (known == null) {
        CompiledKernel kernel = store.read(key).orElse(null);
        if (kernel == null || kernel.accesses().size() != arguments.size()) {
          MethodType type = MethodType.fromMethodDescriptorString(descriptor, loader);
          Method method = owner.getDeclaredMethod(name, type.parameterArray());
          kernel = compiler.compile(method, arguments, workers);
          kernel = kernel.withSource(CudaSource.of(kernel.source(), workers, resident));
          store.write(key, kernel);
        }
        known = new Placed(kernel, Files.writeString(own.resolve(key + ".cu"), kernel.source()));
        placed.put(key, known);
        builds.add(compiler, kernel.source());
      }
      return Optional.of(known);
    } catch (NoSuchMethodException
        | ClassNotFoundException
        | IllegalAccessException
        | LinkageError e) {
      // TornadoVM is another one than expected.
      broken = true;
    } catch (ReflectiveOperationException
        | IOException
        | UncheckedIOException
        | IllegalArgumentException e) {
      // TornadoVM compiles it by itself, and says what is wrong with it.
    }
    return Optional.empty();
  }

  private String key(
      Class<?> owner,
      ClassLoader loader,
      String name,
      String descriptor,
      List<Object> arguments,
      @Nullable WorkerGrid workers,
      int resident) {
    CodeDigest code = digests.computeIfAbsent(loader, CodeDigest::new);
    KernelKey key =
        new KernelKey()
            .with("compiler", identity)
            .with("rewriting", CudaSource.VERSION)
            .with("device", device)
            .with("kernel", owner.getName() + "." + name + descriptor)
            .with("code", code.of(owner.getName()))
            .withOptions()
            .withArguments(arguments);
    if (workers != null) {
      key.with("global", Arrays.toString(workers.getGlobalWork()));
      key.with("local", Arrays.toString(workers.getLocalWork()));
      key.with("resident", String.valueOf(resident));
    }
    return key.hash();
  }

  /// Adds a task with a kernel that was found to a task graph.
  ///
  /// @param graph the task graph
  /// @param id the task's
  /// @return whether TornadoVM could take it; nothing was added if not
  public synchronized boolean add(
      TaskGraph graph, String id, Placed found, List<Object> arguments) {
    try {
      tasks.add(graph, id, found.kernel(), found.file(), arguments);
      return true;
    } catch (ReflectiveOperationException e) {
      broken = true;
      return false;
    }
  }

  /// Waits for the driver's compiler: to be called before kernels run.
  public synchronized void await() {
    builds.await();
  }

  /// A folder of this process's own, deleted at its end: TornadoVM reads a kernel when it runs
  /// first, and what is kept may be gone by then.
  private static Path ownFolder() throws IOException {
    Path own = Files.createTempDirectory("sluice-kernels");
    Thread deletion =
        new Thread(() -> {
          try (Stream<Path> files = Files.list(own)) {
            for (Path file : files.toList()) {
              Files.deleteIfExists(file);
            }
            Files.deleteIfExists(own);
          } catch (IOException e) {
            // It lies where the system deletes what is old.
          }
        });
    Runtime.getRuntime().addShutdownHook(deletion);
    return own;
  }
}
