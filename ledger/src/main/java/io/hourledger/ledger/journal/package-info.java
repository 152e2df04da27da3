/** What is kept outside the database, so that a database that went back to an earlier state is noticed and can be put right. */
@NullMarked
package io.hourledger.ledger.journal;

import org.jspecify.annotations.NullMarked;
