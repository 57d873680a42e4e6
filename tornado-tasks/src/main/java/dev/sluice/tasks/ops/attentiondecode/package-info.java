/// Softmax attention of new time steps over a cache of keys and values. `B` batch, `T` new time
/// steps, `H` query heads, `KV` key and value heads, `D` head size.
@NullMarked
package dev.sluice.tasks.ops.attentiondecode;

import org.jspecify.annotations.NullMarked;
