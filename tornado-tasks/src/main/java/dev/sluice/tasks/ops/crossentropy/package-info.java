/// Softmax cross-entropy with ignored labels.
@NullMarked
package dev.sluice.tasks.ops.crossentropy;

import org.jspecify.annotations.NullMarked;
