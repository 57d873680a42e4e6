/// HorNet's recursive gated convolution, over images and over sequences, channels last. `B` batch,
/// `T` time steps, `C` channels, `K` kernel size, `N` sequences.
@NullMarked
package dev.sluice.tasks.ops.gnconv;

import org.jspecify.annotations.NullMarked;
