package io.hourledger.pusher.push;

/** Told of every step of a push, so that a test can let the machine fail between any two of them. */
interface CrashPoint {

    enum Step {
        CLAIMED,
        ATTEMPT_STORED,
        WRITTEN_DOWN,
        SENT,
        ANSWER_STORED,
        LEDGER_TOLD,
        SETTLED
    }

    CrashPoint NONE = step -> {};

    void reached(Step step);
}
