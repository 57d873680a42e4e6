/// Root-mean-square normalization with an output gate.
@NullMarked
package dev.sluice.tasks.ops.gatedrmsnorm;

import org.jspecify.annotations.NullMarked;
