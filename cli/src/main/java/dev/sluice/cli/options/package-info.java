/// The options that commands share, and the checks of their values.
@NullMarked
package dev.sluice.cli.options;

import org.jspecify.annotations.NullMarked;
