package io.hourledger.aggregator.recount;

import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import java.time.Instant;
import java.util.SortedSet;

/**
 * An hour that the ledger has, to be split.
 *
 * @param boundaries where; those outside the hour and at its ends split nothing
 */
public record SplitHour(HourMetered metered, SortedSet<Instant> boundaries) {}
