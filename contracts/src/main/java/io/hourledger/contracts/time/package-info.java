/** Business time that several processes can share. Elapsed time is never taken from here. */
@NullMarked
package io.hourledger.contracts.time;

import org.jspecify.annotations.NullMarked;
