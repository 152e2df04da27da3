/** Looks up what instances have used in hours that are not closed yet. */
@NullMarked
package io.hourledger.aggregator.openhour;

import org.jspecify.annotations.NullMarked;
