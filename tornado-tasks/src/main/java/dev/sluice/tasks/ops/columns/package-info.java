/// Parts of rows, and rows put together of parts.
@NullMarked
package dev.sluice.tasks.ops.columns;

import org.jspecify.annotations.NullMarked;
