/** What the marketplace is told: usage records, their windows, amounts and serial numbers. */
@NullMarked
package io.hourledger.contracts.marketplace;

import org.jspecify.annotations.NullMarked;
