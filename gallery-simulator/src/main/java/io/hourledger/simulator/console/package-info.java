/** What a seller sees in the gallery's console: usage records, bills, figures. */
@NullMarked
package io.hourledger.simulator.console;

import org.jspecify.annotations.NullMarked;
