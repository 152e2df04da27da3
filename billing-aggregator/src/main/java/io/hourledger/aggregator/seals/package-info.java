/** The ledger's seals on a Kafka topic, out of reach of whoever holds the ledger's database. */
@NullMarked
package io.hourledger.aggregator.seals;

import org.jspecify.annotations.NullMarked;
