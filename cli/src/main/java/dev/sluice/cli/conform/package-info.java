/// `sluice conform`: outside numbers beside ours.
@NullMarked
package dev.sluice.cli.conform;

import org.jspecify.annotations.NullMarked;
