package io.hourledger.cli.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.seal.ProofSelection.Named;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.seal.SealSigner;
import io.hourledger.ledger.seal.SealedEvents;
import io.hourledger.standalone.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proofs as they are written, and checked by the program that outsiders get, compiled for Java 17. */
@Tag("servers")
class ProveCommandTest {

    private static final int PROVEN = 0;
    private static final int NOT_PROVEN = 1;
    private static final int NOTHING_INDEPENDENT = 4;
    private static final String KEY = "00".repeat(31) + "01";
    private static final SealSigner SIGNER = new SealSigner(KEY);
    private static final SealSigner STRANGER = new SealSigner("00".repeat(31) + "02");
    private static final String SN =
            MeteringSn.of("a", UsageWindow.of(OneHourLedger.HOUR)).value();

    @TempDir
    private static Path folder;

    private static Path seals;
    private static OneHourLedger ledger;
    private static Method verifier;
    private static byte[] proof;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void a_proof_of_one_record_among_others() throws Exception {
        ledger = new OneHourLedger();
        ledger.give(
                OneHourLedger.open("b", "another"),
                OneHourLedger.meter("b", OneHourLedger.HOUR, "7"),
                OneHourLedger.meter("a", next(OneHourLedger.HOUR), "3"));
        seals = folder.resolve("seals");
        ledger.seal(seals, SIGNER);
        Path source = folder.resolve("VerifyProof.java");
        StringWriter said = new StringWriter();
        assertThat(ledger.run(said, said, "prove", "--verifier", source.toString()))
                .isEqualTo(ExitCode.OK);
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "--release", "17", "-d", folder.toString(), source.toString());
        assertThat(compiled).isZero();
        verifier = new URLClassLoader(new java.net.URL[] {folder.toUri().toURL()}, null)
                .loadClass("VerifyProof")
                .getDeclaredMethod("verify", byte[].class, String.class, List.class, PrintStream.class);
        verifier.setAccessible(true);
        Path file = folder.resolve("proof.jsonl");
        assertThat(prove(said, file, SN)).as(said.toString()).isEqualTo(ExitCode.OK);
        proof = Files.readAllBytes(file);
    }

    private static UsageHour next(UsageHour hour) {
        return new UsageHour(hour.end());
    }

    @Test
    void an_outsider_proves_a_record_with_the_public_key_alone() throws Exception {
        assertThat(verify(proof, SIGNER.publicKey())).isEqualTo(PROVEN);
        assertThat(out.toString())
                .contains("2.5000 of meter egress from 2026-01-01T01:00:00Z to 2026-01-01T02:00:00Z, in-flight")
                .contains("2.50005 in 3 usage events, partition 1 offsets 7 to 9")
                .endsWith("PROVEN" + System.lineSeparator());
    }

    @Test
    void the_program_runs_from_its_one_source_file() throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        folder.resolve("VerifyProof.java").toString(),
                        folder.resolve("proof.jsonl").toString(),
                        "--key",
                        SIGNER.publicKey(),
                        "--seals",
                        seals.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(java.getInputStream().readAllBytes(), UTF_8);
        assertThat(java.waitFor()).as(said).isEqualTo(PROVEN);
    }

    @Test
    void without_an_independent_key_nothing_is_called_proven() throws Exception {
        assertThat(verify(proof, null)).isEqualTo(NOTHING_INDEPENDENT);
        assertThat(out.toString()).contains("SOUND IN ITSELF, NOT PROVEN");
        assertThat(verify(proof, STRANGER.publicKey())).isEqualTo(NOT_PROVEN);
    }

    @Test
    void a_seal_that_was_not_published_is_found() throws Exception {
        assertThat(verify(proof, SIGNER.publicKey(), Files.readAllLines(seals))).isEqualTo(PROVEN);
        assertThat(verify(proof, SIGNER.publicKey(), List.of("6 00 2026-01-01T02:00:00Z 00 00")))
                .isEqualTo(NOT_PROVEN);
    }

    @Test
    void a_change_of_any_byte_is_found() throws Exception {
        for (int i = 0; i < proof.length; i++) {
            byte[] changed = proof.clone();
            changed[i] ^= (byte) (1 << i % 8);
            assertThat(verify(changed, SIGNER.publicKey())).as("byte " + i).isEqualTo(NOT_PROVEN);
        }
    }

    @Test
    void a_byte_removed_or_added_anywhere_is_found() throws Exception {
        for (int i = 0; i <= proof.length; i++) {
            byte[] longer = new byte[proof.length + 1];
            System.arraycopy(proof, 0, longer, 0, i);
            longer[i] = ' ';
            System.arraycopy(proof, i, longer, i + 1, proof.length - i);
            assertThat(verify(longer, SIGNER.publicKey())).as("a space at " + i).isEqualTo(NOT_PROVEN);
            if (i < proof.length) {
                byte[] shorter = new byte[proof.length - 1];
                System.arraycopy(proof, 0, shorter, 0, i);
                System.arraycopy(proof, i + 1, shorter, i, shorter.length - i);
                assertThat(verify(shorter, SIGNER.publicKey()))
                        .as("without byte " + i)
                        .isEqualTo(NOT_PROVEN);
            }
        }
        assertThat(verify(new byte[0], SIGNER.publicKey())).isEqualTo(NOT_PROVEN);
    }

    @Test
    void lines_dropped_doubled_or_swapped_are_found() throws Exception {
        List<String> lines = lines();
        for (int i = 0; i < lines.size(); i++) {
            List<String> dropped = new ArrayList<>(lines);
            dropped.remove(i);
            assertThat(verify(bytes(dropped), SIGNER.publicKey())).isEqualTo(NOT_PROVEN);
            List<String> doubled = new ArrayList<>(lines);
            doubled.add(i, lines.get(i));
            assertThat(verify(bytes(doubled), SIGNER.publicKey())).isEqualTo(NOT_PROVEN);
            List<String> swapped = new ArrayList<>(lines);
            Collections.swap(swapped, i, (i + 1) % lines.size());
            assertThat(verify(bytes(swapped), SIGNER.publicKey())).isEqualTo(NOT_PROVEN);
        }
    }

    /** The seller has the key and can sign any file; the seal was given away before. */
    @Test
    void who_has_the_key_cannot_show_another_event_than_was_sealed() throws Exception {
        assertThat(verify(signedAgain(line -> line), SIGNER.publicKey())).isEqualTo(PROVEN);
        for (UnaryOperator<String> lie : List.<UnaryOperator<String>>of(
                line -> line.replace("2.5000", "9.5000"),
                line -> line.replace("buyer, the first", "buyer, the other"),
                line -> line.replace("\"sequenceNumber\":2", "\"sequenceNumber\":3"),
                line -> line.startsWith("{\"event\"") ? line.replace("\"revision\":1", "\"revision\":2") : line,
                line -> line.replace("usage-record-issued", "usage-record-reported"),
                line -> line.startsWith("{\"sibling\"") ? "" : line,
                line -> line.startsWith("{\"record\"") ? line.replace(SN, SN.replace('a', 'b')) : line,
                line -> line.replace("\"digest\":\"", "\"digest\":\"00"))) {
            byte[] lied = signedAgain(lie);
            assertThat(new String(lied, UTF_8)).isNotEqualTo(new String(proof, UTF_8));
            assertThat(verify(lied, SIGNER.publicKey())).isEqualTo(NOT_PROVEN);
        }
    }

    @Test
    void members_that_nobody_knows_or_that_stand_twice_are_refused_whoever_signed() throws Exception {
        assertThat(verify(signedAgain(line -> line.replace("{\"form\"", "{\"more\":1,\"form\"")), SIGNER.publicKey()))
                .isEqualTo(NOT_PROVEN);
        assertThat(verify(
                        signedAgain(line -> line.replace("\"index\":", "\"index\":0,\"index\":")), SIGNER.publicKey()))
                .isEqualTo(NOT_PROVEN);
    }

    @Test
    void a_file_whole_and_well_signed_by_a_stranger_is_not_the_sellers() throws Exception {
        OneHourLedger invented = new OneHourLedger();
        Path theirs = folder.resolve("seals-of-a-stranger");
        invented.seal(theirs, STRANGER);
        Path file = folder.resolve("invented.jsonl");
        assertThat(invented.run(
                        out,
                        err,
                        "prove",
                        SN,
                        "--out",
                        file.toString(),
                        "--seals",
                        theirs.toString(),
                        "--set",
                        "hourledger.seals.signing-key=" + "00".repeat(31) + "02"))
                .isEqualTo(ExitCode.OK);
        assertThat(verify(Files.readAllBytes(file), STRANGER.publicKey())).isEqualTo(PROVEN);
        assertThat(verify(Files.readAllBytes(file), SIGNER.publicKey())).isEqualTo(NOT_PROVEN);
    }

    @Test
    void a_month_is_proven_by_buyer_and_shows_nothing_of_others() throws Exception {
        Path file = folder.resolve("month.jsonl");
        assertThat(prove(err, file, "2026-01", "--buyer", "buyer, the first")).isEqualTo(ExitCode.OK);
        assertThat(verify(Files.readAllBytes(file), SIGNER.publicKey())).isEqualTo(PROVEN);
        assertThat(out.toString()).contains("2 records").contains("meter egress, in-flight: 5.5000");
        assertThat(Files.readString(file)).doesNotContain("another").doesNotContain("\"b\"");
    }

    @Test
    void what_is_not_sealed_yet_is_not_proven_and_no_file_is_left() {
        OneHourLedger growing = new OneHourLedger();
        Path some = folder.resolve("seals-of-some");
        growing.seal(some, SIGNER);
        growing.give(OneHourLedger.meter("a", next(OneHourLedger.HOUR), "3"));
        Path file = folder.resolve("early.jsonl");
        String later =
                MeteringSn.of("a", UsageWindow.of(next(OneHourLedger.HOUR))).value();
        assertThat(growing.run(out, err, arguments(some, file, later))).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains("no seal covers record " + later + " yet");
        assertThat(file).doesNotExist();
        assertThat(growing.run(out, err, arguments(some, file, SN))).isEqualTo(ExitCode.OK);
    }

    @Test
    void what_happened_to_a_record_after_the_seal_is_named_and_not_left_out() {
        OneHourLedger growing = new OneHourLedger();
        Path some = folder.resolve("seals-before-the-report");
        growing.seal(some, SIGNER);
        growing.give(OneHourLedger.report("a", SN));
        Path file = folder.resolve("without-the-report.jsonl");
        assertThat(growing.run(out, err, arguments(some, file, SN))).isEqualTo(ExitCode.NOT_ALL);
        assertThat(err.toString()).contains("a event 3").contains("not sealed yet");
        assertThat(file).doesNotExist();
        growing.seal(some, SIGNER);
        assertThat(growing.run(out, err, arguments(some, file, SN))).isEqualTo(ExitCode.OK);
    }

    @Test
    void records_come_from_the_events_and_not_from_a_projection() throws Exception {
        OneHourLedger projected = new OneHourLedger();
        Path theirs = folder.resolve("seals-of-projected");
        projected.seal(theirs, SIGNER);
        projected.jdbc.update("delete from ledger.usage_record");
        Path file = folder.resolve("projected.jsonl");
        for (String subject : List.of("2026-01", SN)) {
            assertThat(projected.run(out, err, arguments(theirs, file, subject)))
                    .isEqualTo(ExitCode.OK);
            assertThat(verify(Files.readAllBytes(file), SIGNER.publicKey())).isEqualTo(PROVEN);
        }
    }

    @Test
    void the_stream_of_the_instance_is_shown_from_its_opening_to_the_record_without_a_gap() throws Exception {
        Path file = folder.resolve("second.jsonl");
        String second =
                MeteringSn.of("a", UsageWindow.of(next(OneHourLedger.HOUR))).value();
        assertThat(prove(err, file, second)).isEqualTo(ExitCode.OK);
        assertThat(verify(Files.readAllBytes(file), SIGNER.publicKey())).isEqualTo(PROVEN);
        assertThat(out.toString()).contains("3.0000 of meter egress").doesNotContain("2.50005 in 3 usage events");
        assertThat(Files.readString(file)).contains("\"sequenceNumber\":1,").contains("\"sequenceNumber\":4,");
    }

    @Test
    void a_stream_with_a_gap_is_not_proven() throws Exception {
        Seal seal = Seal.parse(Files.readAllLines(seals).getLast());
        ByteArrayOutputStream gap = new ByteArrayOutputStream();
        ProofFile content = ProofFile.begin(gap, SIGNER, SN);
        new ProofContent(
                        seal,
                        List.of(new Named(SN, "a")),
                        new SealedEvents(ledger.jdbc, ledger.transactions)
                                .under(seal.eventCount(), Map.of("a", Set.of(0L, 2L)), events -> {}))
                .writeTo(content, new Cutoffs(ledger.jdbc));
        content.sign();
        assertThat(verify(gap.toByteArray(), SIGNER.publicKey())).isEqualTo(NOT_PROVEN);
        assertThat(out.toString()).contains("event 1 of instance a is missing");
    }

    @Test
    void a_ledger_that_was_changed_since_it_was_sealed_proves_nothing() {
        OneHourLedger changed = new OneHourLedger();
        Path before = folder.resolve("seals-before");
        changed.seal(before, SIGNER);
        changed.jdbc.update("update ledger.event set payload = payload || '{\"amount\": \"9\"}'"
                + " where event_type = 'hour-metered'");
        Path file = folder.resolve("changed.jsonl");
        assertThat(changed.run(out, err, arguments(before, file, SN))).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("are not those that were sealed");
        assertThat(file).doesNotExist();
    }

    @Test
    void without_a_signing_key_it_says_what_an_outsider_would_miss() {
        assertThat(ledger.run(out, err, "prove", SN, "--out", "x", "--seals", seals.toString()))
                .isNotEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("an outsider cannot check anything");
    }

    private static int prove(StringWriter said, Path file, String... subject) {
        return ledger.run(said, said, arguments(seals, file, subject));
    }

    private static String[] arguments(Path seals, Path file, String... subject) {
        List<String> all = new ArrayList<>(List.of("prove"));
        all.addAll(List.of(subject));
        all.addAll(List.of("--out", file.toString(), "--seals", seals.toString()));
        all.addAll(List.of("--set", "hourledger.seals.signing-key=" + KEY));
        return all.toArray(String[]::new);
    }

    private int verify(byte[] file, String key) throws Exception {
        return verify(file, key, null);
    }

    private int verify(byte[] file, String key, List<String> published) throws Exception {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int exit = (int) verifier.invoke(null, file, key, published, new PrintStream(said, true, UTF_8));
        out.getBuffer().setLength(0);
        out.write(said.toString(UTF_8));
        return exit;
    }

    private static List<String> lines() {
        return new String(proof, UTF_8).lines().toList();
    }

    private static byte[] bytes(List<String> lines) {
        return (String.join("\n", lines) + "\n").getBytes(UTF_8);
    }

    private static byte[] signedAgain(UnaryOperator<String> lie) throws Exception {
        List<String> lines = lines().subList(0, lines().size() - 1).stream()
                .map(lie)
                .filter(line -> !line.isEmpty())
                .toList();
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(lines)));
        List<String> signed = new ArrayList<>(lines);
        signed.add("{\"signature\":\"" + SIGNER.sign("hourledger-proof-1 " + digest) + "\"}");
        return bytes(signed);
    }
}
