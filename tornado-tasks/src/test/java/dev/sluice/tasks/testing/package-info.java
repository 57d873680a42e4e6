/// What the tests of ops share.
@NullMarked
package dev.sluice.tasks.testing;

import org.jspecify.annotations.NullMarked;
