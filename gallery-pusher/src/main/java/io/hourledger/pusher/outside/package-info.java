/** Writes what was sent down on a Kafka topic, outside the database. */
@NullMarked
package io.hourledger.pusher.outside;

import org.jspecify.annotations.NullMarked;
