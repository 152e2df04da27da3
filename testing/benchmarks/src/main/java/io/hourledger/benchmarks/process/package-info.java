/** Every measured program in a JVM of its own, with its own flags, watched from outside. */
@NullMarked
package io.hourledger.benchmarks.process;

import org.jspecify.annotations.NullMarked;
