/// Linear attention: gated linear attention whose gate is 0, so that nothing decays. `B` batch, `T`
/// time steps, `H` heads, `K` key and `V` value size of a head, `N` sequences.
@NullMarked
package dev.sluice.tasks.ops.linearattention;

import org.jspecify.annotations.NullMarked;
