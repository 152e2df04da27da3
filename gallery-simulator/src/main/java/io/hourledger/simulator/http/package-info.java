/** What all endpoints of the simulator share: delayed answers and requests that cannot be done. */
@NullMarked
package io.hourledger.simulator.http;

import org.jspecify.annotations.NullMarked;
