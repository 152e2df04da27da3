/** Hours that are over: entered in the ledger, one command for each instance with usage, in order; then their ids are compacted. */
@NullMarked
package io.hourledger.aggregator.closing;

import org.jspecify.annotations.NullMarked;
