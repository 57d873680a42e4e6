/// Convolution of each channel with its own kernel, over sequences and over images, channels last.
/// `B` batch, `T` time steps, `C` channels, `K` kernel size, `N` sequences.
@NullMarked
package dev.sluice.tasks.ops.depthwiseconvolution;

import org.jspecify.annotations.NullMarked;
