/** What an operator can see: whether everything consumed is accounted for. */
@NullMarked
package io.hourledger.aggregator.page;

import org.jspecify.annotations.NullMarked;
