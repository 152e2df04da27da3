/** The poll loop: reads the partitions that are ours, hands records to their counters, and keeps to one owner a partition. */
@NullMarked
package io.hourledger.aggregator.consumer;

import org.jspecify.annotations.NullMarked;
