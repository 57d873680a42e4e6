/// Adam with decoupled weight decay.
@NullMarked
package dev.sluice.tasks.ops.adamw;

import org.jspecify.annotations.NullMarked;
