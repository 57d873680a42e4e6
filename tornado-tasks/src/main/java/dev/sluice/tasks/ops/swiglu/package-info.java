/// The gated unit silu(gate) · up.
@NullMarked
package dev.sluice.tasks.ops.swiglu;

import org.jspecify.annotations.NullMarked;
