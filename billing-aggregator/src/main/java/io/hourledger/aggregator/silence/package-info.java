/** A meter that is usually busy and falls silent is an alarm: an outage must not look like no usage. */
@NullMarked
package io.hourledger.aggregator.silence;

import org.jspecify.annotations.NullMarked;
