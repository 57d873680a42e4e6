/// `sluice bench cpu`: how near the JVM's device comes to what the machine can do.
@NullMarked
package dev.sluice.cli.bench.cpu;

import org.jspecify.annotations.NullMarked;
