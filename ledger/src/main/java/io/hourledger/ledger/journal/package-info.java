/** The journal outside the database, by which a rolled-back database is noticed and can be reconciled. */
@NullMarked
package io.hourledger.ledger.journal;

import org.jspecify.annotations.NullMarked;
