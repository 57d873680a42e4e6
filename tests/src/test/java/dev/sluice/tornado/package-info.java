/// Checks that class files keep to TornadoVM: to the members of its API, and to the part of Java
/// that it compiles rightly.
@NullMarked
package dev.sluice.tornado;

import org.jspecify.annotations.NullMarked;
