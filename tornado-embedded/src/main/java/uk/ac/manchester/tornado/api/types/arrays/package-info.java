/// The arrays that a task graph's host and device code share, here over Java heap arrays.
@NullMarked
package uk.ac.manchester.tornado.api.types.arrays;

import org.jspecify.annotations.NullMarked;
