/// What a device can do at most, measured on it.
@NullMarked
package dev.sluice.tasks.ceiling;

import org.jspecify.annotations.NullMarked;
