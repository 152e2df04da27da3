package io.hourledger.standalone.stack;

import io.hourledger.contracts.time.BusinessTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Stands until it is moved. */
final class SettableClock extends Clock implements BusinessTime {

    private volatile Instant now;

    SettableClock(Instant now) {
        this.now = now;
    }

    void moveTo(Instant moment) {
        now = moment;
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public Instant at(Instant machineTime) {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
