/// Counter-based random numbers: a number is a function of a seed and of what it is for, so the
/// same seed gives the same numbers on any device and a run can be resumed from a position alone.
@NullMarked
package dev.sluice.tasks.random;

import org.jspecify.annotations.NullMarked;
