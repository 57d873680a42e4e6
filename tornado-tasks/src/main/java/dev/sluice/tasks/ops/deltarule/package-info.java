/// The delta rule: the gated delta rule without a gate, by the same kernels.
@NullMarked
package dev.sluice.tasks.ops.deltarule;

import org.jspecify.annotations.NullMarked;
