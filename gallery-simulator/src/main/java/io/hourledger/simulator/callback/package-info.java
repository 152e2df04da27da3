/** Lifecycle calls to the seller: signed, checked, repeated until they are answered. */
@NullMarked
package io.hourledger.simulator.callback;

import org.jspecify.annotations.NullMarked;
