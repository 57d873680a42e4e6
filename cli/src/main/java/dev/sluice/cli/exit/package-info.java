/// How commands end: exit codes, and the one line that tells of a failure.
@NullMarked
package dev.sluice.cli.exit;

import org.jspecify.annotations.NullMarked;
