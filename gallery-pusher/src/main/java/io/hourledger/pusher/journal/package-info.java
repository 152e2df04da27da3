/** Writes sent calls to the journal, a Kafka topic outside the database. */
@NullMarked
package io.hourledger.pusher.journal;

import org.jspecify.annotations.NullMarked;
