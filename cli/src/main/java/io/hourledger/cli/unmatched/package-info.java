/** Usage of closed hours that is counted and not in the ledger, for a person. */
@NullMarked
package io.hourledger.cli.unmatched;

import org.jspecify.annotations.NullMarked;
