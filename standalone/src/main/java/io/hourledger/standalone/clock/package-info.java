/** The demo's business clock: fast, held back until the past has been told, and never going back, not even over a crash. */
@NullMarked
package io.hourledger.standalone.clock;

import org.jspecify.annotations.NullMarked;
