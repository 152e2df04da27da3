package io.hourledger.embedded;

import io.hourledger.contracts.time.BusinessTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Business time that a test moves by hand; it stands still otherwise. All machines agree on it until one is {@link #isWrongBy wrong}. */
public final class TestClock extends Clock implements BusinessTime {

    private volatile Instant now;
    private volatile Duration error = Duration.ZERO;

    public TestClock(Instant now) {
        this.now = now;
    }

    public void moveTo(Instant moment) {
        now = moment;
    }

    public void move(Duration by) {
        now = now.plus(by);
    }

    /** The clock of this process is ahead of the database's by so much; a negative span is behind. */
    public void isWrongBy(Duration error) {
        this.error = error;
    }

    @Override
    public Instant instant() {
        return now.plus(error);
    }

    /** What the database's clock shows: the time that the test has set, whatever the machine's is. */
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
