/// Models: what a `config.json` says, and the stacks of layers that it describes.
@NullMarked
package dev.sluice.models;

import org.jspecify.annotations.NullMarked;
