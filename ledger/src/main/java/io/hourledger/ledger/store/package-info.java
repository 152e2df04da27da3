/** The event store on PostgreSQL: how events are spelled, kept, read back and handed on. */
@NullMarked
package io.hourledger.ledger.store;

import org.jspecify.annotations.NullMarked;
