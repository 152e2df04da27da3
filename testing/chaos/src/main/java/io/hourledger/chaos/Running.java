package io.hourledger.chaos;

import java.io.IOException;

/** A part as a process that can be ended and started again on the same port and folder. */
interface Running {

    StackPart part();

    /** Begins a new life; does not wait for it to be ready. */
    void start() throws IOException;

    /** Whether it does its work: takes requests, is healthy. */
    boolean isReady();

    boolean isAlive();

    /** {@code kill -9}; returns when the process is gone. */
    void kill();

    /** Asks it to stop; returns when the process is gone, killed if it did not go by itself. */
    void stop();

    /** Lives begun so far. */
    int lives();
}
