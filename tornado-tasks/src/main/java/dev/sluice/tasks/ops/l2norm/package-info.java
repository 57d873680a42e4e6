/// Division of rows by their Euclidean length.
@NullMarked
package dev.sluice.tasks.ops.l2norm;

import org.jspecify.annotations.NullMarked;
