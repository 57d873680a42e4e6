/// `sluice train`, `eval` and `generate`: a model from its data to its text.
@NullMarked
package dev.sluice.cli.train;

import org.jspecify.annotations.NullMarked;
