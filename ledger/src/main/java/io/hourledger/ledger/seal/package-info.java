/** Tamper evidence: a keyed digest over each event and its predecessor, seals outside the database, and the check of both. */
@NullMarked
package io.hourledger.ledger.seal;

import org.jspecify.annotations.NullMarked;
