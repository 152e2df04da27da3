/** What the marketplace's seller console says: {@code ./metering marketplace}. */
@NullMarked
package io.hourledger.cli.marketplace;

import org.jspecify.annotations.NullMarked;
