/// The `sluice` command. The only code that prints.
@NullMarked
package dev.sluice.cli;

import org.jspecify.annotations.NullMarked;
