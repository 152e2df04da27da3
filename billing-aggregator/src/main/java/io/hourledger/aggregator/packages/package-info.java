/** Notices that usage has come to all that an instance's packages hold, while its hour is still open. */
@NullMarked
package io.hourledger.aggregator.packages;

import org.jspecify.annotations.NullMarked;
