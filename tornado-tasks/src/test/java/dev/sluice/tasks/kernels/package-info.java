/// Tests of the kernels that are kept on disk.
@NullMarked
package dev.sluice.tasks.kernels;

import org.jspecify.annotations.NullMarked;
