/// Copies into variables.
@NullMarked
package dev.sluice.tasks.ops.assign;

import org.jspecify.annotations.NullMarked;
