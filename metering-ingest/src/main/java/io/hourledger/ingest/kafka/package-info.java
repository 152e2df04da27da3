/** The log of usage events on Kafka; nothing outside this package knows Kafka. */
@NullMarked
package io.hourledger.ingest.kafka;

import org.jspecify.annotations.NullMarked;
