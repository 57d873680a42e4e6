/// Affine maps over the innermost axis, and the matrix products behind them.
@NullMarked
package dev.sluice.tasks.ops.linear;

import org.jspecify.annotations.NullMarked;
