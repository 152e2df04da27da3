package io.hourledger.ledger.instance;

import java.time.Instant;

/** From which usage hour on this installation reports. Another system reports the hours before. */
public interface ReportingStart {

    /** No other system reports. */
    ReportingStart ALWAYS = () -> Instant.MIN;

    /** {@link Instant#MIN} if all hours are ours, {@link Instant#MAX} while none is. It is asked only where a credit is carried. */
    Instant reportsFrom();
}
