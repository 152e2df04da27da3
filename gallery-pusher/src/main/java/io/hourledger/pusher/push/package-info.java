/** Pushes every issued usage record until its outcome is known and in the ledger: earliest deadline first, never two ways at once. */
@NullMarked
package io.hourledger.pusher.push;

import org.jspecify.annotations.NullMarked;
