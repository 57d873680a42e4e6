/// Softmax attention with memory linear in time. `B` batch, `T` time steps, `H` query heads, `KV`
/// key and value heads, `D` head size, `N` sequences.
@NullMarked
package dev.sluice.tasks.ops.attention;

import org.jspecify.annotations.NullMarked;
