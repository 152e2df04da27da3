/** Pages of money: a month, an instance's statement, where a record comes from, what changed. */
@NullMarked
package io.hourledger.console.finance;

import org.jspecify.annotations.NullMarked;
