/// The elementwise gated recurrence of HGRN. `B` batch, `T` time steps, `D` channels, `N`
/// sequences.
@NullMarked
package dev.sluice.tasks.ops.hgrn;

import org.jspecify.annotations.NullMarked;
