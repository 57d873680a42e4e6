/// Retention: gated linear attention with a fixed gate for each head. `B` batch, `T` time steps,
/// `H` heads, `K` key and `V` value size of a head, `N` sequences.
@NullMarked
package dev.sluice.tasks.ops.retention;

import org.jspecify.annotations.NullMarked;
