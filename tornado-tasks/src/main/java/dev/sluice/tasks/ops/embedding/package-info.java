/// Look-up of rows of a table.
@NullMarked
package dev.sluice.tasks.ops.embedding;

import org.jspecify.annotations.NullMarked;
