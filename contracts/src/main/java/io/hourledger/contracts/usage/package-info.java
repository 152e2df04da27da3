/** What apps say: usage events, and the catalogue of meters and products by which an event becomes an amount. */
@NullMarked
package io.hourledger.contracts.usage;

import org.jspecify.annotations.NullMarked;
