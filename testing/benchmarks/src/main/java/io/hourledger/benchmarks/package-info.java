/** The benchmarks' command line: the services measured against their peers, in one run. */
@NullMarked
package io.hourledger.benchmarks;

import org.jspecify.annotations.NullMarked;
