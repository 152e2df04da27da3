/** The benchmarks' command line: the house measured against its peers, in one run. */
@NullMarked
package io.hourledger.benchmarks;

import org.jspecify.annotations.NullMarked;
