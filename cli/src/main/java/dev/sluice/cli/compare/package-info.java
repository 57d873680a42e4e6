/// `sluice compare`: the same work on several devices and runtimes, whether the results agree, and
/// a page that shows it.
///
/// A [dev.sluice.cli.compare.CompareEntry] is one piece of work on one device; a
/// [dev.sluice.cli.compare.CompareFile] keeps them, and several files become one; an
/// [dev.sluice.cli.compare.Agreement] judges them.
@NullMarked
package dev.sluice.cli.compare;

import org.jspecify.annotations.NullMarked;
