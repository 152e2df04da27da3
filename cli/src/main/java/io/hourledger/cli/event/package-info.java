/** {@code ./metering event}: a person amends or voids a usage event, and sees what became of one. */
@NullMarked
package io.hourledger.cli.event;

import org.jspecify.annotations.NullMarked;
