/// Whether the largest logit of a row is its label's.
///
/// | letter | meaning |
/// | --- | --- |
/// | `R` | rows |
/// | `V` | values of a row, the vocabulary |
@NullMarked
package dev.sluice.tasks.ops.firstchoice;

import org.jspecify.annotations.NullMarked;
