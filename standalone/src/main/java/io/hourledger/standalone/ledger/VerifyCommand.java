package io.hourledger.standalone.ledger;

import io.hourledger.ledger.seal.FileSeals;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.statement.Statement;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.house.HouseKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger verify}. */
@Command(
        name = "verify",
        description = {
            "Checks every event against its digest and its place, the whole ledger against the seals, and the equation of every instance.",
            "Names what does not fit, and how much is not sealed yet."
        })
final class VerifyCommand extends LedgerQuestion {

    @Option(
            names = "--digest-key",
            paramLabel = "KEY",
            defaultValue = "${env:METERING_LEDGER_DIGEST_KEY}",
            description =
                    "the key of the digests, as hourledger.ledger.digest-key has it (default: $METERING_LEDGER_DIGEST_KEY, or that of the"
                            + " house in --data-dir)")
    private @Nullable String key;

    @Option(names = "--seals", paramLabel = "FILE", description = "the seals, one a line")
    private @Nullable Path seals;

    @Override
    int answer(LedgerDatabase.Open ledger) {
        Output.Rows rows = output.rows(out(), "check", "finding");
        AtomicLong findings = new AtomicLong();
        new Statement(ledger.jdbc(), ledger.transactions()).equations(Statement.Scope.ALL, equation -> {
            if (!equation.holds()) {
                findings.incrementAndGet();
                rows.add(
                        "equation",
                        equation.instanceId() + " is off by "
                                + equation.difference().toPlainString());
            }
        });
        String digestKey = digestKey();
        if (digestKey == null) {
            rows.end();
            err().println("no --digest-key: digests and seals were not checked");
            return findings.get() == 0 ? ExitCode.OK : ExitCode.DIFFERENT;
        }
        List<Seal> kept = seals == null ? List.of() : new FileSeals(seals).all();
        LedgerVerifier.Report report =
                new LedgerVerifier(ledger.jdbc(), ledger.transactions(), new EventDigests(digestKey)).verify(kept);
        report.findings().forEach(finding -> rows.add("events", finding));
        rows.end();
        err().printf(
                        "%,d events, %,d seals, %,d events not sealed yet, %,d without a digest, %,d findings%n",
                        report.events(),
                        kept.size(),
                        report.notSealedYet(),
                        report.withoutDigest(),
                        findings.get() + report.findings().size());
        return report.sound() && findings.get() == 0 ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private @Nullable String digestKey() {
        if (key != null && !key.isBlank()) {
            return key;
        }
        return houseFolder()
                .flatMap(HouseKeys::existing)
                .map(HouseKeys::digestKey)
                .orElse(null);
    }
}
