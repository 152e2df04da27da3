package io.hourledger.service;

import java.time.Clock;

/** The machine's own time, for what has nothing to do with business: when a secret ends, and when a call is signed. */
public final class MachineTime {

    private MachineTime() {}

    public static Clock clock() {
        return Clock.systemUTC();
    }
}
