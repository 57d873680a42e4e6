/// The forget gate of HGRN and HGRN2, with a lower bound that grows from layer to layer. `R` rows,
/// `D` channels, `L` layers.
@NullMarked
package dev.sluice.tasks.ops.forgetgate;

import org.jspecify.annotations.NullMarked;
