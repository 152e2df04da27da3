/** Puts the ledger together for a service that has a database. */
@NullMarked
package io.hourledger.ledger.config;

import org.jspecify.annotations.NullMarked;
