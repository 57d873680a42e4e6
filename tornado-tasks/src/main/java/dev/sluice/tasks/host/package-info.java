/// Vector API building blocks of the embedded runtime, on plain `float[]` with offsets.
///
/// Everything here runs on a JVM that has `jdk.incubator.vector`; [HostSupport] says so without
/// loading a class of that module. Only [Gemm] and [ScalarMath] also work without it. Work is
/// spread over [dev.sluice.embedded.Workers] in parts whose sums do not depend on the number of
/// threads, so results are the same for any pool.
///
/// Legend: `M`, `N`, `K` rows, columns and inner size of a matrix product; `B` batch, `T` time
/// steps, `D` channels, `V` vocabulary.
@NullMarked
package dev.sluice.tasks.host;

import org.jspecify.annotations.NullMarked;
