/** Notices that an instance's usage in an hour, day or month has come to a part of an amount, while the hour is still open. */
@NullMarked
package io.hourledger.aggregator.threshold;

import org.jspecify.annotations.NullMarked;
