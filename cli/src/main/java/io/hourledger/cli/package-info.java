/** The command line: one main class, one exit code a kind of outcome. */
@NullMarked
package io.hourledger.cli;

import org.jspecify.annotations.NullMarked;
