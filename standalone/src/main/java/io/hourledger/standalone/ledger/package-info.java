/** {@code ./metering ledger}: what finance asks of the ledger, on the command line. */
@NullMarked
package io.hourledger.standalone.ledger;

import org.jspecify.annotations.NullMarked;
