/** A real Kafka broker and a real PostgreSQL from their Maven artifacts, for the standalone house and for tests. */
@NullMarked
package io.hourledger.embedded;

import org.jspecify.annotations.NullMarked;
