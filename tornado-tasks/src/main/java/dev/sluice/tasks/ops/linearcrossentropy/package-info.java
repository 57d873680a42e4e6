/// Softmax cross-entropy of an affine map, without its logits ever being there all at once.
@NullMarked
package dev.sluice.tasks.ops.linearcrossentropy;

import org.jspecify.annotations.NullMarked;
