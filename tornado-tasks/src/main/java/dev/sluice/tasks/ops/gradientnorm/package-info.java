/// The Euclidean length of all parameter gradients together.
@NullMarked
package dev.sluice.tasks.ops.gradientnorm;

import org.jspecify.annotations.NullMarked;
