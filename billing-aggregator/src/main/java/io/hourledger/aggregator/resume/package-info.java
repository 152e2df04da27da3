/** Lets a halted partition go on, by a person's decision, and keeps what was skipped. */
@NullMarked
package io.hourledger.aggregator.resume;

import org.jspecify.annotations.NullMarked;
