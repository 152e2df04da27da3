/** The console: pages in a browser for finance, SRE and operators. It reads, and changes nothing. */
@NullMarked
package io.hourledger.console;

import org.jspecify.annotations.NullMarked;
