/** The page of the night: will every hour be in time, and what needs a person. */
@NullMarked
package io.hourledger.console.tonight;

import org.jspecify.annotations.NullMarked;
