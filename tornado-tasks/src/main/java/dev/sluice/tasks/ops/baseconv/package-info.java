/// Zoology's BaseConv: a causal convolution times a projection, with a short kernel or with a
/// kernel as long as the sequence that a small network makes. `B` batch, `T` time steps, `D`
/// channels, `E` position features.
@NullMarked
package dev.sluice.tasks.ops.baseconv;

import org.jspecify.annotations.NullMarked;
