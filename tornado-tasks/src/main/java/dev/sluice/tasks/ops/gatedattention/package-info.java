/// A sigmoid gate behind softmax attention. `B` batch, `T` time steps, `H` heads, `D` head size,
/// `G` gates of a head.
@NullMarked
package dev.sluice.tasks.ops.gatedattention;

import org.jspecify.annotations.NullMarked;
