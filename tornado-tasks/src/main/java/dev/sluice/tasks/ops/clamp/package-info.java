/// Clamping of single elements.
@NullMarked
package dev.sluice.tasks.ops.clamp;

import org.jspecify.annotations.NullMarked;
