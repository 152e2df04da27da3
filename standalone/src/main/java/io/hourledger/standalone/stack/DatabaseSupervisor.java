package io.hourledger.standalone.stack;

import io.hourledger.embedded.EmbeddedDatabase;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the stack's database again when its process ends, as after a lack of memory. The services find it where it was. */
final class DatabaseSupervisor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DatabaseSupervisor.class);
    private static final long LOOK_NANOS = Duration.ofMillis(500).toNanos();

    /** After a start that failed. */
    private static final long TRY_AGAIN_NANOS = Duration.ofSeconds(5).toNanos();

    private final Consumer<String> toPerson;
    private final Thread thread;
    private volatile EmbeddedDatabase database;
    private volatile boolean closed;

    /**
     * @param toPerson where sentences for a person go
     */
    DatabaseSupervisor(EmbeddedDatabase started, Consumer<String> toPerson) {
        this.database = started;
        this.toPerson = toPerson;
        this.thread = Thread.ofPlatform().daemon().name("database-supervisor").start(this::watch);
    }

    /** The database as it is now. */
    EmbeddedDatabase database() {
        return database;
    }

    private void watch() {
        boolean failing = false;
        while (!closed) {
            LockSupport.parkNanos(this, failing ? TRY_AGAIN_NANOS : LOOK_NANOS);
            if (closed || isRunning() || EmbeddedDatabase.areEnding()) {
                continue;
            }
            if (!failing) {
                toPerson.accept("PostgreSQL has ended; it is started again");
            }
            RuntimeException why = startAgain();
            if (why != null && !failing) {
                log.atError().setCause(why).log("postgresql does not start again; it is tried until it does");
            }
            failing = why != null;
        }
    }

    /** A file of process ids that is just being written tells nothing yet. */
    private boolean isRunning() {
        try {
            return database.isRunning();
        } catch (RuntimeException notToBeRead) {
            return true;
        }
    }

    /** Why it does not start, as on a full disk; null if it runs. */
    private synchronized @Nullable RuntimeException startAgain() {
        if (closed) {
            return null;
        }
        try {
            database = database.startAgain();
            toPerson.accept("PostgreSQL runs again");
            return null;
        } catch (RuntimeException notYet) {
            return notYet;
        }
    }

    /** Stops the database, and returns when it has stopped. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        synchronized (this) {
            database.close();
        }
    }
}
