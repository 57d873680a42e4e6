/// The gated delta rule: a linear recurrence whose state forgets by a gate a head and replaces what
/// it holds under a key instead of adding to it.
///
/// Legend: `B` batch, `T` time steps of a sequence, `M` tokens in all (`B·T`), `N` sequences, `H`
/// key heads, `HV` value heads (a multiple of `H`; value head `j` uses key head `j / (HV/H)`), `K`
/// key and `V` value size of a head, `C` chunk. Sequence `n` is the tokens `offsets[n]` to
/// `offsets[n+1]`, which are `n·T` and `(n+1)·T` where the sequences are not packed.
@NullMarked
package dev.sluice.tasks.ops.gateddeltarule;

import org.jspecify.annotations.NullMarked;
