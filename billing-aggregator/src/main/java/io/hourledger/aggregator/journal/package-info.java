/** Writes cutoffs to the journal, a Kafka topic outside the database. */
@NullMarked
package io.hourledger.aggregator.journal;

import org.jspecify.annotations.NullMarked;
