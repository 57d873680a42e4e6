/// Checks of the project as a whole: which part knows which.
@NullMarked
package dev.sluice;

import org.jspecify.annotations.NullMarked;
