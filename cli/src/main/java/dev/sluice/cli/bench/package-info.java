/// `sluice bench`: measuring, and saying what was measured on what machine.
///
/// A benchmark makes [dev.sluice.cli.bench.BenchRow]s with a [dev.sluice.cli.bench.Stopwatch] and
/// hands them to a [dev.sluice.cli.bench.BenchReport], which shows and keeps them.
@NullMarked
package dev.sluice.cli.bench;

import org.jspecify.annotations.NullMarked;
