/// Rotary position embedding. `B` batch, `T` time steps, `H` heads, `D` head size.
@NullMarked
package dev.sluice.tasks.ops.rotary;

import org.jspecify.annotations.NullMarked;
