/** A real Kafka broker and a real PostgreSQL from their Maven artifacts, for local stacks and for tests. */
@NullMarked
package io.hourledger.embedded;

import org.jspecify.annotations.NullMarked;
