/** All services on one machine, durable, with the real clock. */
@NullMarked
package io.hourledger.standalone.up;

import org.jspecify.annotations.NullMarked;
