package io.hourledger.pusher.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ledger.installation.IncarnationStatus;
import io.hourledger.ledger.installation.Installation;
import io.hourledger.service.OutageLog;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes sent calls for the installation of a database. Looks from time to time, in a thread of its own, whether that database is in force and no
 * other installation sends under the same seller account.
 */
public final class IncarnationJournalWriter implements JournalWriter {

    private static final Logger LOG = LoggerFactory.getLogger(IncarnationJournalWriter.class);

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] SELLER_ACCOUNT = "hourledger seller account".getBytes(UTF_8);

    /** For how long what was found holds while nobody answers. */
    private static final Duration KNOWN_FOR = Duration.ofSeconds(30);

    private static final String NOT_KNOWN_SINCE = "it is not known since " + KNOWN_FOR.toSeconds()
            + " s or more whether this database's incarnation is in force: the journal or the database does not answer";

    private final Installation installation;
    private final List<String> accounts;
    private final @Nullable UUID takesOver;
    private final Set<UUID> readsBeside;
    private final LongSupplier nanos;
    private final OutageLog outage = new OutageLog(LOG, "incarnation");
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread looking = new Thread(task, "incarnation");
        looking.setDaemon(true);
        return looking;
    });

    /** What the last look that was answered has found. */
    private volatile Found found;

    /**
     * @param whyNot null if this database may send
     * @param nanos when it was found
     */
    private record Found(@Nullable String whyNot, boolean superseded, long nanos) {}

    /**
     * @param sellerKeys whoever has one of them sends under the same account; the oldest first, so that nobody claims a key that is to come of
     *     an account that is another's
     * @param takesOver another installation whose account is this one's from now on; null for none
     * @param readsBeside installations whose calls this database need not know
     */
    public IncarnationJournalWriter(
            Installation installation, List<String> sellerKeys, @Nullable UUID takesOver, Set<UUID> readsBeside) {
        this(installation, sellerKeys, takesOver, readsBeside, System::nanoTime);
    }

    IncarnationJournalWriter(
            Installation installation,
            List<String> sellerKeys,
            @Nullable UUID takesOver,
            Set<UUID> readsBeside,
            LongSupplier nanos) {
        this.installation = installation;
        this.accounts =
                sellerKeys.stream().map(IncarnationJournalWriter::digest).toList();
        this.takesOver = takesOver;
        this.readsBeside = Set.copyOf(readsBeside);
        this.nanos = nanos;
        this.found = found(installation.status());
    }

    /** Looks now and again, until it is closed. */
    public IncarnationJournalWriter start() {
        var unused = thread.scheduleWithFixedDelay(
                this::guardedLook, 0, Installation.LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    private void guardedLook() {
        try {
            look();
            outage.worked();
        } catch (Throwable noAnswer) { // an Error would cancel all looks to come without a word
            outage.failed(noAnswer);
        }
    }

    /** If nobody answers it stands as it stood, for a while: without journal and database no call is made anyway. */
    void look() {
        Found status = found(installation.look());
        found = status.whyNot() == null
                ? whyAccountIsNotOurs()
                        .map(why -> new Found(why, true, status.nanos()))
                        .orElse(status)
                : status;
    }

    private Found found(IncarnationStatus status) {
        return new Found(status.whyNot().orElse(null), status.isSuperseded(), nanos.getAsLong());
    }

    private Optional<String> whyAccountIsNotOurs() {
        for (String account : accounts) {
            UUID sender = installation.claimAccount(account, takesOver);
            if (!sender.equals(installation.id())) {
                return Optional.of(whyAccountIsOf(sender));
            }
        }
        return Optional.empty();
    }

    private String whyAccountIsOf(UUID sender) {
        String why = "installation " + sender + " sends under this seller account, so this one, " + installation.id()
                + ", sends nothing. Give it a seller account of its own; or, if the other one's database is gone for"
                + " good, set hourledger.journal.takes-over=" + sender;
        if (!why.equals(found.whyNot())) {
            LOG.atError().log(why);
        }
        return why;
    }

    /** Tells nobody the key, and is the same for whoever has it. */
    private static String digest(String sellerKey) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(sellerKey.getBytes(UTF_8), ALGORITHM));
            return HexFormat.of().formatHex(mac.doFinal(SELLER_ACCOUNT));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    @Override
    public UUID installation() {
        return installation.id();
    }

    @Override
    public boolean mustKnowCallsOf(UUID writer) {
        return !readsBeside.contains(writer) || writer.equals(installation.id()) || writer.equals(takesOver);
    }

    @Override
    public Optional<String> whyNotToSend() {
        Found last = found;
        if (last.whyNot() != null) {
            return Optional.of(last.whyNot());
        }
        return nanos.getAsLong() - last.nanos() > KNOWN_FOR.toNanos() ? Optional.of(NOT_KNOWN_SINCE) : Optional.empty();
    }

    @Override
    public boolean isSuperseded() {
        return found.superseded();
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("the look at the incarnation does not end");
            }
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
        installation.close();
    }
}
