package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.process.Parent;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.projection.LedgerReplay;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.springframework.transaction.PlatformTransactionManager;

/** The product's own replay: every projection made anew beside the live one from the first event, compared, swapped. */
public final class ReplayProcess {

    private ReplayProcess() {}

    /** Takes the database's address, user and password. */
    public static void main(String[] arguments) {
        Parent.whenItEnds(() -> {});
        try (LedgerInProcess stack = new LedgerInProcess(arguments[0], arguments[1], arguments[2])) {
            bringLiveOnesUpToDate(stack.bean(LedgerProjections.class));

            AtomicLong filledAt = new AtomicLong();
            AtomicLong withKeysAt = new AtomicLong();
            long startedAt = System.nanoTime();
            LedgerReplay.Outcome outcome = new LedgerReplay(stack.jdbc(), stack.bean(PlatformTransactionManager.class))
                    .run(events -> {
                        // the last time is when all tables have their keys and can be used
                        filledAt.set(withKeysAt.get());
                        withKeysAt.set(System.nanoTime());
                        Parent.progress(events);
                    });
            double whole = (System.nanoTime() - startedAt) / 1e9;
            double filling = (filledAt.get() - startedAt) / 1e9;
            double withKeys = (withKeysAt.get() - startedAt) / 1e9;

            Map<String, Object> result = new LinkedHashMap<>();
            result.put("ledger_events", outcome.events());
            result.put("filled_s", filling);
            result.put("with_keys_s", withKeys);
            result.put("compared_and_swapped_s", whole);
            result.put("replay_eps", outcome.events() / withKeys);
            result.put("replay_compared_and_swapped_eps", outcome.events() / whole);
            result.put("differences", outcome.differences().size());
            Parent.result(result);
        }
    }

    /** A history that was laid down without the pusher has none yet; that is not what is measured. */
    private static void bringLiveOnesUpToDate(LedgerProjections projections) {
        projections.start();
        while (!projections.caughtUp()) {
            // elapsed time: a look ten times a second
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        projections.close();
    }
}
