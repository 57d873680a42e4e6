/// Gated linear attention and what differs from it only in the gate: a state `S` of `K × V` numbers
/// a head, decayed by a gate and filled by outer products, `S ← diag(e^g) S + k vᵀ`, `o =
/// (scale·q)ᵀ S`.
///
/// `B` batch, `T` time steps, `H` heads, `K` key and `V` value size of a head, `N` sequences (the
/// batch, or those of a packed batch), `C` steps of a chunk. Gates are logarithms, at most 0.
@NullMarked
package dev.sluice.tasks.ops.gla;

import org.jspecify.annotations.NullMarked;
