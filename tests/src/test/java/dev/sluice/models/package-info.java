/// Tests of all kinds of models.
@NullMarked
package dev.sluice.models;

import org.jspecify.annotations.NullMarked;
