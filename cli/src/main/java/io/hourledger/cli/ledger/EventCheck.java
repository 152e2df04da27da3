package io.hourledger.cli.ledger;

import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.seal.SealKey;
import io.hourledger.ledger.store.EventDigests;
import java.time.YearMonth;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Each event against its digest and its place, and the ledger, or a month of it, against its seals. */
final class EventCheck {

    private static final String CHECK = "events";

    /** A finding that begins with the name of an event. */
    private static final Pattern OF_AN_EVENT = Pattern.compile("(\\S+ event \\d+ \\([^)]*\\)): (.*)", Pattern.DOTALL);

    private final LedgerDatabase.Open ledger;
    private final UsageLogPlace place;
    private final SealKeyOption sealKey;
    private final @Nullable YearMonth month;
    private final Findings findings;
    private final ProgressLine progress;

    /**
     * @param month null for the whole ledger
     */
    EventCheck(
            LedgerDatabase.Open ledger,
            UsageLogPlace place,
            SealKeyOption sealKey,
            @Nullable YearMonth month,
            Findings findings,
            ProgressLine progress) {
        this.ledger = ledger;
        this.place = place;
        this.sealKey = sealKey;
        this.month = month;
        this.findings = findings;
        this.progress = progress;
    }

    /**
     * @param stored gives the seals in the order they were kept; none if they are not known
     * @return what was checked, for a person; empty if nothing was
     */
    Optional<String> run(Supplier<List<Seal>> stored) {
        String key = place.settings.digestKey(ledger.stack());
        if (key == null) {
            findings.notChecked(
                    CHECK, "all events", "the key of the digests is not known; give it as --digest-key KEY");
            return Optional.empty();
        }
        List<Seal> seals = stored.get();
        LedgerVerifier.Report report = report(new EventDigests(key), seals);
        report.findings().forEach(finding -> {
            Matcher ofEvent = OF_AN_EVENT.matcher(finding);
            boolean names = ofEvent.matches();
            findings.differs(CHECK, names ? ofEvent.group(1) : "all events", names ? ofEvent.group(2) : finding);
        });
        if (report.withoutDigest() > 0) {
            findings.notChecked(
                    CHECK,
                    report.withoutDigest() + " events",
                    "they have no digest: they were kept before the ledger had a key");
        }
        if (!seals.isEmpty()) {
            nameUnsealed(report);
        }
        String checked = String.format(
                "events: %,d events, %,d seals, %,d events not sealed yet",
                report.events() - report.passedOver(), report.sealsCompared(), report.notSealedYet());
        return Optional.of(
                month == null
                        ? checked
                        : checked
                                + String.format(
                                        "; %,d events that were sealed before %s were not read",
                                        report.passedOver(), month));
    }

    private LedgerVerifier.Report report(EventDigests digests, List<Seal> seals) {
        SealKey signatures = signatureKey(seals);
        LedgerVerifier verifier = new LedgerVerifier(ledger.jdbc(), ledger.transactions(), digests);
        if (month != null) {
            return verifier.verifyMonth(
                    seals,
                    signatures,
                    month,
                    events -> progress.show(
                            "events against their digests",
                            events,
                            seals.isEmpty() ? events : seals.getLast().eventCount()));
        }
        long all =
                Objects.requireNonNull(ledger.jdbc().queryForObject("select count(*) from ledger.event", Long.class));
        LongConsumer read = events -> progress.show("events against their digests", events, all);
        return verifier.verify(seals, signatures, read);
    }

    /** Null if signatures cannot be checked. */
    private @Nullable SealKey signatureKey(List<Seal> seals) {
        SealKey key = sealKey.of(ledger, place.settings);
        if (key == null) {
            if (seals.stream().anyMatch(seal -> seal.signature() != null)) {
                findings.notChecked(
                        CHECK, "the signatures of the seals", "the key is not known; give it as --public-key KEY");
            }
        } else if (!seals.isEmpty() && seals.stream().noneMatch(key::hasSigned)) {
            findings.notChecked(CHECK, "the signatures of the seals", "no seal is signed by the key");
        }
        return key;
    }

    private void nameUnsealed(LedgerVerifier.Report report) {
        if (report.notSealedYet() == 0 || !report.sound()) {
            return;
        }
        List<String> names = report.firstUnsealed();
        names.forEach(name -> findings.note(CHECK, name, "not sealed yet"));
        if (report.notSealedYet() > names.size()) {
            findings.note(CHECK, (report.notSealedYet() - names.size()) + " more events", "not sealed yet");
        }
    }
}
