/// The task-graph side of Sluice: kernels, ops, the static graph with its gradients, and devices.
///
/// This module is the only code that names TornadoVM. Everything above it works on
/// [dev.sluice.tasks.graph.Graph], [dev.sluice.tasks.graph.Tensor] and
/// [dev.sluice.tasks.graph.Program].
///
/// Dimensions, wherever they appear in this module: `B` batch, `T` time steps, `H` heads, `K` key
/// size and `V` value size of a head, `D` channels, `C` steps of a chunk, `N` sequences of a packed
/// batch. Arrays are row-major, layouts `[B, T, H, K]`.
@NullMarked
package dev.sluice.tasks;

import org.jspecify.annotations.NullMarked;
