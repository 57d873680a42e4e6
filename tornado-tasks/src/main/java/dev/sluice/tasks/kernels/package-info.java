/// Kernels compiled for a device: their key, their place on disk, and TornadoVM's compiler.
@NullMarked
package dev.sluice.tasks.kernels;

import org.jspecify.annotations.NullMarked;
