/// Functions of single elements, and sums and products of two tensors.
@NullMarked
package dev.sluice.tasks.ops.elementwise;

import org.jspecify.annotations.NullMarked;
