/** Orders: placing them, keeping them, answering the seller's query. */
@NullMarked
package io.hourledger.simulator.order;

import org.jspecify.annotations.NullMarked;
