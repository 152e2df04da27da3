package io.hourledger.cli.ledger;

import io.hourledger.ledger.seal.FileSeals;
import io.hourledger.ledger.seal.ProofSelection;
import io.hourledger.ledger.seal.ProofSelection.Named;
import io.hourledger.ledger.seal.ProofSelection.Selected;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.seal.SealSigner;
import io.hourledger.ledger.seal.SealedEvents;
import io.hourledger.ledger.seal.SealedEvents.Inclusion;
import io.hourledger.ledger.seal.SealedEvents.Missing;
import io.hourledger.ledger.seal.SealedEvents.Shown;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering ledger prove}. */
@Command(
        name = "prove",
        header = "Writes a file with which an outsider checks a usage record, or a month of them, without you.",
        description = {
            "",
            "The file shows the events of the record's instance, from its opening to the last one that names the record, and"
                    + " that they stand under a signed seal. It shows no other event. VerifyProof.java checks it with the public key alone; --verifier writes that program."
                    + " Publish the public key and the seals before anybody asks.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the file is written",
            "1:there is no such record, or the ledger is not the one that was sealed",
            "2:the command line is wrong",
            "3:it could not run",
            "4:nothing is written: no signed seal covers it yet"
        },
        footer = {
            "",
            "Example: ./metering ledger prove 3f0c66f1… --out proof.jsonl",
            "         ./metering ledger prove 2026-11 --buyer b-7 --out proof.jsonl",
            "         ./metering ledger prove --verifier VerifyProof.java"
        })
final class ProveCommand extends LedgerSubcommand {

    private static final String VERIFIER = "VerifyProof.java";

    @Parameters(
            paramLabel = "METERING_SN|YYYY-MM",
            arity = "0..1",
            description = "the record's serial number, or the month (UTC) of the records' hours")
    private @Nullable String subject;

    @Option(names = "--out", paramLabel = "FILE", description = "the file of the proof; replaced when it is whole")
    private @Nullable Path file;

    @Option(names = "--buyer", paramLabel = "ID", description = "with a month: only this buyer's records")
    private @Nullable String buyer;

    @Option(names = "--instance", paramLabel = "ID", description = "with a month: only this instance's records")
    private @Nullable String instance;

    @Option(names = "--verifier", paramLabel = "FILE", description = "write the program that checks proofs, and stop")
    private @Nullable Path verifier;

    @Option(names = "--public-key", description = "print the public key, and stop")
    private boolean printsPublicKey;

    @Option(
            names = "--seals",
            paramLabel = "FILE",
            description = "the seals from a file, one a line, instead of those on Kafka's topic")
    private @Nullable Path sealsFile;

    @Option(
            names = "--seals-topic",
            paramLabel = "TOPIC",
            description = "the topic of the seals (default: ledger-seals)")
    private @Nullable String sealsTopic;

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    public Integer call() {
        Path program = verifier;
        if (program == null) {
            return super.call();
        }
        try (InputStream source = Objects.requireNonNull(ProveCommand.class.getResourceAsStream(VERIFIER))) {
            WholeFile.write(program, source::transferTo);
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
        err().println("a proof is checked by: java " + program + " FILE --key PUBLIC_KEY [--seals SEALS]");
        return ExitCode.OK;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        SealSigner signer = signer(ledger);
        if (printsPublicKey) {
            out().println(signer.publicKey());
            return ExitCode.OK;
        }
        String about = subject;
        Path proof = file;
        if (about == null || proof == null) {
            throw wrong("name a record or a month, and the file by --out");
        }
        Selected selected = selected(ledger, about);
        if (selected.records().isEmpty()) {
            err().println("metering: the ledger has no record of " + about);
            return ExitCode.DIFFERENT;
        }
        if (!selected.complete()) {
            throw new IllegalStateException("a proof has at most " + ProofSelection.MOST_EVENTS
                    + " events, and there are more; narrow it by --buyer or --instance");
        }
        Optional<Seal> seal = newestSeal(ledger, signer);
        if (seal.isEmpty()) {
            return notSealed("there is no seal that this key has signed");
        }
        return prove(ledger, signer, seal.get(), selected, about, proof);
    }

    private SealSigner signer(LedgerDatabase.Open ledger) {
        String key = place.settings.of(ledger.stack(), Map.of()).getProperty(SealKeyOption.SIGNING_KEY);
        if (key == null || key.isBlank()) {
            throw new IllegalStateException(
                    "nobody said by which key seals are signed; name it by --set " + SealKeyOption.SIGNING_KEY
                            + "=…, or by --secrets DIR. Without one an outsider cannot check anything");
        }
        return new SealSigner(key.strip());
    }

    private Selected selected(LedgerDatabase.Open ledger, String about) {
        ProofSelection selection = new ProofSelection(ledger.jdbc());
        if (about.matches("\\d{4}-\\d{2}")) {
            YearMonth month = YearMonth.parse(about);
            return selection.ofHours(start(month), start(month.plusMonths(1)), buyer, instance);
        }
        if (buyer != null || instance != null) {
            throw wrong("--buyer and --instance narrow a month");
        }
        return selection.ofRecord(about);
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private Optional<Seal> newestSeal(LedgerDatabase.Open ledger, SealSigner signer) {
        return seals(ledger).stream()
                .filter(seal -> seal.isSignedBy(signer.key()))
                .max(Comparator.comparingLong(Seal::eventCount));
    }

    private List<Seal> seals(LedgerDatabase.Open ledger) {
        if (sealsFile != null) {
            return new FileSeals(sealsFile).all();
        }
        try (UsageLogPlace.Kafka kafka = place.open(ledger)) {
            return kafka.seals(sealsTopic);
        } catch (UsageLogPlace.KafkaMissingException missing) {
            throw new IllegalStateException(missing.getMessage() + ", or the seals by --seals FILE", missing);
        }
    }

    private int prove(
            LedgerDatabase.Open ledger, SealSigner signer, Seal seal, Selected selected, String about, Path proof) {
        ProgressLine progress = new ProgressLine(err());
        Inclusion inclusion = new SealedEvents(ledger.jdbc(), ledger.transactions())
                .under(
                        seal.eventCount(),
                        selected.events(),
                        events -> progress.show("events under the seal", events, seal.eventCount()));
        progress.end();
        if (!inclusion.root().equals(seal.root())) {
            err().println("metering: the first " + seal.eventCount() + " events are not those that were sealed at "
                    + seal.sealedAt() + "; run ./metering ledger verify");
            return ExitCode.DIFFERENT;
        }
        Set<String> issued = issued(inclusion);
        Optional<Named> missing = selected.records().stream()
                .filter(record -> !issued.contains(record.meteringSn()))
                .findFirst();
        if (missing.isPresent()) {
            return notSealed("no seal covers record " + missing.get().meteringSn() + " yet; the last one is of "
                    + seal.sealedAt() + ". Ask again in a minute");
        }
        if (!inclusion.missing().isEmpty()) {
            Missing first = inclusion.missing().getFirst();
            return notSealed(first.instanceId() + " event " + first.sequenceNumber() + " is not sealed yet, one of "
                    + inclusion.missing().size() + " that the proof needs; the last seal is of " + seal.sealedAt()
                    + ". Ask again in a minute");
        }
        ProofContent content = new ProofContent(seal, selected.records(), inclusion);
        WholeFile.write(proof, out -> write(ledger, signer, about, content, out));
        err().printf(
                        "%s shows %,d events of %,d records, under the seal of %s%n",
                        proof, inclusion.events().size(), selected.records().size(), seal.sealedAt());
        err().println("check it with: java " + VERIFIER + " " + proof + " --key " + signer.publicKey());
        return ExitCode.OK;
    }

    private void write(
            LedgerDatabase.Open ledger, SealSigner signer, String about, ProofContent content, OutputStream out)
            throws IOException {
        ProofFile proof = ProofFile.begin(out, signer, about);
        content.writeTo(proof, new Cutoffs(ledger.jdbc()));
        if (content.isOfOneRecord()) {
            new ProofUsage(ledger, place).writeTo(proof, content.oneRecord());
        }
        proof.sign();
    }

    private static Set<String> issued(Inclusion inclusion) {
        Set<String> issued = new HashSet<>();
        for (Shown event : inclusion.events()) {
            if (event.type().equals("usage-record-issued")) {
                issued.add(ProofContent.textOf(event, "meteringSn"));
            }
        }
        return issued;
    }

    private int notSealed(String sentence) {
        err().println("metering: " + sentence);
        return ExitCode.NOT_ALL;
    }
}
