package io.hourledger.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the second version of the catalogue while the run goes on, as {@code ./metering catalogue publish} does, and knows which hours it
 * rules. While the database is away it asks again.
 */
final class CatalogueChange implements AutoCloseable {

    /** More than must lie between a publication and its first hour. */
    private static final int HOURS_AHEAD = 3;

    private static final Duration ASK_AGAIN = Duration.ofMillis(300);
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(5);

    private final PostgresCatalogue stored;
    private final Clock business;
    private final Catalogue second = CatalogueFile.read(ChaosCatalogue.SECOND.getBytes(UTF_8));
    private final Thread thread = new Thread(this::run, "catalogue-change");
    private volatile Duration after = Duration.ZERO;
    private volatile @Nullable UsageHour from;

    CatalogueChange(DataSource database, Clock business) {
        this.stored = new PostgresCatalogue(database);
        this.business = business;
        thread.setDaemon(true);
    }

    /** Publishes it when so much time has passed. */
    void start(Duration after) {
        this.after = after;
        thread.start();
    }

    /** The first hour that the second version rules; null if it was not published yet. */
    @Nullable UsageHour secondFrom() {
        return from;
    }

    /** Whether the filtered meter takes the events of a region in an hour. */
    boolean takes(Region region, UsageHour hour) {
        UsageHour second = from;
        return switch (region) {
            case EU -> true;
            case US -> second != null && hour.compareTo(second) >= 0;
            case AP -> false;
        };
    }

    private void run() {
        try {
            Elapsed.pause(after);
            while (from == null) {
                try {
                    publish();
                } catch (StoreUnavailableException databaseAway) {
                    Elapsed.pause(ASK_AGAIN);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** A publication whose answer was lost may have happened, so it is looked for first. */
    private void publish() throws InterruptedException {
        CatalogueVersions versions = stored.get();
        if (versions.newest().version() == second.version()) {
            from = UsageHour.ofNumber(versions.byFirstHour().lastKey());
            return;
        }
        UsageHour wanted = UsageHour.ofNumber(UsageHour.of(business.instant()).number() + HOURS_AHEAD);
        DecidedBy by = new DecidedBy("chaos", "the filter takes one more region");
        if (stored.publish(second, wanted, by, BusinessTime.of(business)).isEmpty()) {
            from = wanted;
        } else {
            Elapsed.pause(ASK_AGAIN);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(STOPS_WITHIN);
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }
}
