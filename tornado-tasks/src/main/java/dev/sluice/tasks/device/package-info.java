/// What devices there are and what they can do.
@NullMarked
package dev.sluice.tasks.device;

import org.jspecify.annotations.NullMarked;
