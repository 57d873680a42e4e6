/// Tests of files that need whole models.
@NullMarked
package dev.sluice.checkpoint;

import org.jspecify.annotations.NullMarked;
