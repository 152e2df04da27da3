/** {@code ./metering ledger}: what finance asks of the ledger, on the command line. */
@NullMarked
package io.hourledger.cli.ledger;

import org.jspecify.annotations.NullMarked;
