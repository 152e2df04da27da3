/** What the marketplace is told: usage records, their windows, amounts and serial numbers. */
@NullMarked
package io.hourledger.contracts.gallery;

import org.jspecify.annotations.NullMarked;
