/// Training a model: learning rates, the loop, and what a run tells about itself (a log, a curve, a
/// line of progress).
@NullMarked
package dev.sluice.training;

import org.jspecify.annotations.NullMarked;
