/** HTTP to Kafka: usage events are checked, written to the log, and acknowledged when the log has them. */
@NullMarked
package io.hourledger.ingest;

import org.jspecify.annotations.NullMarked;
