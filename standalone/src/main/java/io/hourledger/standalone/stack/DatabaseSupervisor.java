package io.hourledger.standalone.stack;

import io.hourledger.embedded.EmbeddedDatabase;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the stack's database again when its process ends, as after a lack of memory. The services find it where it was. */
final class DatabaseSupervisor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DatabaseSupervisor.class);
    private static final long LOOK_NANOS = Duration.ofMillis(500).toNanos();

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
        boolean told = false;
        while (!closed) {
            LockSupport.parkNanos(this, LOOK_NANOS);
            if (closed || isRunning()) {
                continue;
            }
            if (!told) {
                toPerson.accept("PostgreSQL has ended; it is started again");
            }
            told = !startAgain();
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

    /** Also what a server on a full disk says is only said once; it is tried until there is room. */
    private synchronized boolean startAgain() {
        if (closed) {
            return true;
        }
        try {
            database = database.startAgain();
            toPerson.accept("PostgreSQL runs again");
            return true;
        } catch (RuntimeException notYet) {
            log.atError().setCause(notYet).log("postgresql does not start again; it is tried once more");
            return false;
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
