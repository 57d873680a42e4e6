/// Simple gated linear attention: gated linear attention whose gate all keys of a head share. `B`
/// batch, `T` time steps, `H` heads, `K` key and `V` value size of a head, `N` sequences.
@NullMarked
package dev.sluice.tasks.ops.simplegla;

import org.jspecify.annotations.NullMarked;
