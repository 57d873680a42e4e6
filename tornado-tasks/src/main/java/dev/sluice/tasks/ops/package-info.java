/// The ops. An op is a folder of its own: `<Op>Reference` (plain loops in double, what the tests
/// believe), `<Op>Kernels` (the annotated static methods), `<Op>Op` (shapes, tasks, gradients) and,
/// where it pays, `<Op>Host` (Vector API code as a library task of the embedded runtime).
@NullMarked
package dev.sluice.tasks.ops;

import org.jspecify.annotations.NullMarked;
