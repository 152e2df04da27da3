/** What the simulator is told, at start and while it runs. */
@NullMarked
package io.hourledger.simulator.settings;

import org.jspecify.annotations.NullMarked;
