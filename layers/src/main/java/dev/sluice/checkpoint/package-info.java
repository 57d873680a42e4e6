/// Files of a model and of a training run: tensors in the safetensors format, configurations in
/// JSON, and the folder in which a run keeps its checkpoints. Nothing here knows what a model
/// computes.
@NullMarked
package dev.sluice.checkpoint;

import org.jspecify.annotations.NullMarked;
