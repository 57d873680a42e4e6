/// Root-mean-square normalization over the innermost axis.
@NullMarked
package dev.sluice.tasks.ops.rmsnorm;

import org.jspecify.annotations.NullMarked;
