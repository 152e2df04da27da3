/** What the simulator can be told to do wrong. */
@NullMarked
package io.hourledger.simulator.fault;

import org.jspecify.annotations.NullMarked;
