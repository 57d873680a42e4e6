/// Task graphs, execution plans and kernel contexts for the JVM.
///
/// The names in this package and those below it are those of the public API of TornadoVM 5.2.0
/// (https://www.tornadovm.org), so that one class file runs on either runtime. The code is our own:
/// nothing of TornadoVM is contained here, and only what Sluice uses is implemented. A call of
/// anything that exists here but cannot be done on the JVM is refused by name.
@NullMarked
package uk.ac.manchester.tornado.api;

import org.jspecify.annotations.NullMarked;
