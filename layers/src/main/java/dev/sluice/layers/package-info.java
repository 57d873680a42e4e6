/// Layers: small classes that write their forward pass in terms of ops; gradients follow by
/// themselves.
///
/// Shapes, wherever they appear in this module: `B` batch, `T` time steps, `H` heads, `K` key size
/// and `V` value size of a head, `D` model width, `N` sequences of a packed batch.
@NullMarked
package dev.sluice.layers;

import org.jspecify.annotations.NullMarked;
