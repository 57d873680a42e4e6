/// What the embedded runtime offers beyond the task-graph API: its thread pool, tasks that run on
/// it, and the heap arrays behind its arrays. Not there when another runtime is on the path.
@NullMarked
package dev.sluice.embedded;

import org.jspecify.annotations.NullMarked;
