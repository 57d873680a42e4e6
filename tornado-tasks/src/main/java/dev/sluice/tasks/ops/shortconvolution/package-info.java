/// Causal depthwise convolution over a few time steps.
@NullMarked
package dev.sluice.tasks.ops.shortconvolution;

import org.jspecify.annotations.NullMarked;
