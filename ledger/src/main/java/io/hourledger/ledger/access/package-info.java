/** Keeps the API keys with which apps send usage. */
@NullMarked
package io.hourledger.ledger.access;

import org.jspecify.annotations.NullMarked;
