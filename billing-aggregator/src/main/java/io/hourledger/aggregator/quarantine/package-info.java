/** Lets a person decide about events in quarantine: send one again, or write it off. */
@NullMarked
package io.hourledger.aggregator.quarantine;

import org.jspecify.annotations.NullMarked;
