/// The static graph: tensors, nodes, gradients by walking the graph backwards, buffers by lifetime,
/// and the program that runs it on a device.
@NullMarked
package dev.sluice.tasks.graph;

import org.jspecify.annotations.NullMarked;
