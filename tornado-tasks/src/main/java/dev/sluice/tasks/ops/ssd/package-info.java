/// Mamba-2's scan with one decay a head. `B` batch, `T` time steps, `H` heads, `P` head size, `G`
/// groups of heads that share projections, `N` state size, `S` sequences; rows are time steps of
/// all sequences.
@NullMarked
package dev.sluice.tasks.ops.ssd;

import org.jspecify.annotations.NullMarked;
