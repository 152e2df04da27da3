/** The peers: reading alone, and the same counting written with Kafka Streams. */
@NullMarked
package io.hourledger.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
