package io.hourledger.ledger.api;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Tells why PostgreSQL, or the work that used it, has failed. The SQLSTATE decides, wherever in the chain of causes it stands.
 *
 * <p>What no rule here names is an outage, so that nothing is blamed for a failure that is not understood. Only an exception that has
 * nothing to do with a database is a bug.
 */
public enum DatabaseFailure {
    /** Another writer was faster: to be decided anew from fresh state. */
    LOST_RACE,
    /** The database, or the way to it, is away: the same work is tried again later. */
    OUTAGE,
    /** The values or the code are at fault: the same work fails again. */
    DATA_OR_BUG;

    /** Unique keys that only a second writer of the same stream can meet. */
    private static final Set<String> KEYS_AGAINST_A_SECOND_WRITER = Set.of("event_pkey");

    private static final Set<String> LOST_RACES = Set.of("40001", "40P01");
    private static final String UNIQUE_KEY = "23505";

    /** Cardinality, data, integrity, syntax or access rule, a function's own error, a limit that a value exceeds. */
    private static final Set<String> CLASSES_OF_DATA_OR_BUGS = Set.of("21", "22", "23", "42", "P0", "54");

    /** What stands for an outage where no SQLSTATE says more. */
    private static final List<Class<? extends Throwable>> TYPES_OF_OUTAGES = List.of(
            SQLException.class,
            TransientDataAccessException.class,
            NonTransientDataAccessResourceException.class,
            RecoverableDataAccessException.class,
            TransactionException.class,
            IOException.class,
            TimeoutException.class,
            InterruptedException.class,
            OutOfMemoryError.class);

    private static final int CLASS = 2;
    private static final int MOST_CAUSES = 50;

    /** Judges by the first SQLSTATE in the chain of causes; if there is none, by what the exceptions themselves say. */
    public static DatabaseFailure of(Throwable failure) {
        DatabaseFailure byType = null;
        boolean unavailable = false;
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return ofState(sql.getSQLState(), keyIn(sql));
            }
            unavailable |= cause instanceof LedgerUnavailableException;
            if (byType == null) {
                byType = ofType(cause);
            }
            cause = cause.getCause();
        }
        if (byType == null) {
            return unavailable ? OUTAGE : DATA_OR_BUG;
        }
        return byType;
    }

    private static DatabaseFailure ofState(String state, @Nullable String key) {
        boolean secondWriter = state.equals(UNIQUE_KEY) && key != null && KEYS_AGAINST_A_SECOND_WRITER.contains(key);
        if (secondWriter || LOST_RACES.contains(state)) {
            return LOST_RACE;
        }
        return state.length() > CLASS && CLASSES_OF_DATA_OR_BUGS.contains(state.substring(0, CLASS))
                ? DATA_OR_BUG
                : OUTAGE;
    }

    private static @Nullable String keyIn(SQLException failure) {
        ServerErrorMessage said = failure instanceof PSQLException server ? server.getServerErrorMessage() : null;
        return said == null ? null : said.getConstraint();
    }

    private static @Nullable DatabaseFailure ofType(Throwable failure) {
        if (failure instanceof ConcurrencyFailureException) {
            return LOST_RACE;
        }
        return TYPES_OF_OUTAGES.stream().anyMatch(type -> type.isInstance(failure)) ? OUTAGE : null;
    }
}
