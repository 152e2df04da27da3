/** Reads usage events at the speed of the log: ordinary ones byte by byte, all others with the full parser, and both with one answer. */
@NullMarked
package io.hourledger.contracts.scan;

import org.jspecify.annotations.NullMarked;
