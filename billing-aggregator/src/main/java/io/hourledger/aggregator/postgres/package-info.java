/** What partitions have counted, kept in PostgreSQL. */
@NullMarked
package io.hourledger.aggregator.postgres;

import org.jspecify.annotations.NullMarked;
