/// Mamba's selective scan. `B` batch, `T` time steps, `D` channels, `N` state size, `S` sequences;
/// rows are the time steps of all sequences.
@NullMarked
package dev.sluice.tasks.ops.selectivescan;

import org.jspecify.annotations.NullMarked;
