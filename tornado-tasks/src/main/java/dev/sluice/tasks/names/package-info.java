/// Names that people type (options, keys, ops, mixers, devices) and what to say when one is not
/// known.
@NullMarked
package dev.sluice.tasks.names;

import org.jspecify.annotations.NullMarked;
