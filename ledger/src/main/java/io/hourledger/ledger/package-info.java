/** The truth about every instance: commands in, events kept, batches of events out. */
@NullMarked
package io.hourledger.ledger;

import org.jspecify.annotations.NullMarked;
