/** What other modules call: commands in, answers and events out. */
@NullMarked
package io.hourledger.ledger.api;

import org.jspecify.annotations.NullMarked;
