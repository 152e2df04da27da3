/** Usage of closed hours that is counted and not in the ledger: which, since when, and when it can go on. */
@NullMarked
package io.hourledger.aggregator.unmatched;

import org.jspecify.annotations.NullMarked;
