/// The engine of the embedded runtime: plans, profiles, and kernels made parallel. Internal:
/// nothing outside this module uses it.
@NullMarked
package dev.sluice.embedded.engine;

import org.jspecify.annotations.NullMarked;
