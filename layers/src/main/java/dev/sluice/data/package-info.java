/// What a model learns from: datasets whose examples are a function of their number, and the stream
/// of batches that a training run reads from them. Legend: `B` examples in a batch, `T` tokens in
/// an example, `V` size of the vocabulary.
@NullMarked
package dev.sluice.data;

import org.jspecify.annotations.NullMarked;
