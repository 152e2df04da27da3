/** What finance asks of the ledger, streamed from the projections and the events. */
@NullMarked
package io.hourledger.ledger.statement;

import org.jspecify.annotations.NullMarked;
