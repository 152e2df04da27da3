package io.hourledger.chaos;

import java.util.Locale;

/** How a part is disturbed. */
enum KillMode {
    /** {@code kill -9}, then a new life. */
    KILL,
    /** SIGSTOP for longer than a session, then SIGCONT: what goes on then is a zombie. */
    FREEZE,
    /** Asked to stop, then a new life. */
    RESTART,
    /** A life whose clock is three days ahead; then {@code kill -9} and a new one with the right clock. */
    SKEW;

    /** In lower case, as the command line and reports name it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static KillMode ofWord(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
