/** One partition's count: which events are counted, in which bucket, once; and the checkpoint that makes it last. No I/O, no threads. */
@NullMarked
package io.hourledger.aggregator.hour;

import org.jspecify.annotations.NullMarked;
