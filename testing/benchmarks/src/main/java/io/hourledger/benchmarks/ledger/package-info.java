/** The ledger under the load of an hour's end, of a long history and of a replay. */
@NullMarked
package io.hourledger.benchmarks.ledger;

import org.jspecify.annotations.NullMarked;
