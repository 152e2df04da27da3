/** Reads stretches of the usage log again and counts them with the code that counted them first: to split, to compare, to show. */
@NullMarked
package io.hourledger.aggregator.recount;

import org.jspecify.annotations.NullMarked;
