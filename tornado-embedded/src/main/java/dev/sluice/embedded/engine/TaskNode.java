package dev.sluice.embedded.engine;

import dev.sluice.embedded.HostTask;
import org.jspecify.annotations.Nullable;

/// One task of a graph.
///
/// @param name `graph.task`
/// @param kernel the method behind a kernel; null for a host task, and for a kernel that is no
///   reference to a static method
/// @param plain calls the kernel with its arguments; null for a host task
/// @param arguments the kernel's arguments
/// @param host the host task; null for a kernel
record TaskNode(
    String name,
    @Nullable KernelReference kernel,
    @Nullable Runnable plain,
    Object[] arguments,
    @Nullable HostTask host) {}
