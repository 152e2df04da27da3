/** The aggregator against its peers. */
@NullMarked
package io.hourledger.benchmarks.aggregator;

import org.jspecify.annotations.NullMarked;
