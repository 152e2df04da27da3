/** Writes what was sent down on a Kafka topic, outside the database. */
@NullMarked
package io.hourledger.pusher.journal;

import org.jspecify.annotations.NullMarked;
