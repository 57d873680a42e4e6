/// Dropout with counter-based random numbers.
@NullMarked
package dev.sluice.tasks.ops.dropout;

import org.jspecify.annotations.NullMarked;
