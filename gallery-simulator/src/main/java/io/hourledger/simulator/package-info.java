/** A strict stand-in for KooGallery that enforces its documented rules and can be told to misbehave. */
@NullMarked
package io.hourledger.simulator;

import org.jspecify.annotations.NullMarked;
