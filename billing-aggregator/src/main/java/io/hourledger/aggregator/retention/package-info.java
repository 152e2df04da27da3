/** Old usage is dropped when nobody can ask about it any more, in steps that block nobody. */
@NullMarked
package io.hourledger.aggregator.retention;

import org.jspecify.annotations.NullMarked;
