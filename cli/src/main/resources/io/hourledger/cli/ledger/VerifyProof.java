import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Checks a file that "./metering ledger prove" wrote. It needs a JDK of version 17 or later, and nothing of Hourledger:
 *
 * <pre>java VerifyProof.java FILE --key PUBLIC_KEY [--seals SEALS]</pre>
 *
 * PUBLIC_KEY is the seller's, 64 hexadecimal digits, which you got from the seller by another way than the file. SEALS is
 * a file with the seals that the seller published, one a line, which you got before there was a dispute. Exit codes: 0 =
 * proven, 1 = not proven, 2 = the command line is wrong, 4 = the file is sound in itself, but no key was given.
 *
 * <p>The file is JSON, one object a line, in UTF-8. The first line names the form and the public key, the second is the
 * seal, the last one signs all bytes before it. Between them are the records that the file is about, where the usage log
 * ends for each hour, the events of the ledger, and the hashes that lead from them to the seal's root (RFC 9162).
 */
public final class VerifyProof {

    private static final int PROVEN = 0;
    private static final int NOT_PROVEN = 1;
    private static final int USAGE = 2;
    private static final int NOTHING_INDEPENDENT = 4;

    private static final String FORM = "hourledger-proof-1";
    private static final byte[] X509_OF_ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final Map<String, String> STATE_AFTER = Map.of(
            "usage-record-issued", "in-flight",
            "usage-record-reported", "reported",
            "usage-record-refused", "refused",
            "usage-record-outcome-unknown", "unknown",
            "usage-record-disputed", "disputed",
            "usage-record-reissued", "reissued",
            "usage-record-written-off", "written-off");

    private VerifyProof() {}

    public static void main(String[] arguments) throws IOException {
        Path file = null;
        Path seals = null;
        String key = null;
        for (int i = 0; i < arguments.length; i++) {
            boolean hasValue = i + 1 < arguments.length;
            if (arguments[i].equals("--key") && hasValue) {
                key = arguments[++i];
            } else if (arguments[i].equals("--seals") && hasValue) {
                seals = Path.of(arguments[++i]);
            } else if (file == null && !arguments[i].startsWith("--")) {
                file = Path.of(arguments[i]);
            } else {
                file = null;
                break;
            }
        }
        if (file == null) {
            System.err.println("usage: java VerifyProof.java FILE --key PUBLIC_KEY [--seals SEALS]");
            System.exit(USAGE);
            return;
        }
        System.exit(verify(
                Files.readAllBytes(file), key, seals == null ? null : Files.readAllLines(seals), System.out));
    }

    /** The exit code. */
    static int verify(byte[] file, String key, List<String> seals, PrintStream out) {
        try {
            Proof proof = Proof.read(file);
            proof.checkSignatures();
            if (key != null) {
                require(key.strip().equalsIgnoreCase(proof.publicKey), "it is signed by another key than --key names");
            }
            if (seals != null) {
                require(
                        seals.stream().map(String::strip).anyMatch(proof.seal::equals),
                        "its seal is not among the published ones");
            }
            proof.checkInclusion();
            proof.checkRecords(out);
            say(out, proof, key, seals);
            return key == null ? NOTHING_INDEPENDENT : PROVEN;
        } catch (NotProven | GeneralSecurityException | RuntimeException failed) {
            out.println("NOT PROVEN: " + failed.getMessage());
            return NOT_PROVEN;
        }
    }

    private static void say(PrintStream out, Proof proof, String key, List<String> seals) {
        String[] seal = proof.seal.split(" ");
        out.println();
        out.println("These " + proof.events.size() + " events are among the " + seal[0]
                + " that the ledger had when it was sealed at " + seal[2] + ".");
        out.println("Cutoffs, the log and usage events are not under the seal: the seller signed them with this file.");
        out.println("Of each instance they are all events up to the last one shown. Not shown: what came behind it, that");
        out.println("the ledger has no other record of the month or the buyer, and that the usage took place.");
        if (seals == null) {
            out.println("Not shown: when it was sealed. Give --seals with what the seller published at the time.");
        }
        out.println(
                key == null
                        ? "SOUND IN ITSELF, NOT PROVEN: whoever made the file chose its key. Give --key."
                        : "PROVEN");
    }

    private static void require(boolean holds, String otherwise) throws NotProven {
        if (!holds) {
            throw new NotProven(otherwise);
        }
    }

    private static final class NotProven extends Exception {
        private static final long serialVersionUID = 1L;

        NotProven(String sentence) {
            super(sentence);
        }
    }

    /** An event of the ledger, as one leaf of the tree. */
    private static final class Event {
        final long index;
        final String instance;
        final long sequence;
        final String type;
        final int revision;
        final String digest;
        final String payloadText;
        final Map<String, Object> payload;

        Event(Map<String, Object> line) throws NotProven {
            members(line, "index", "instanceId", "sequenceNumber", "type", "revision", "digest", "payload");
            index = number(line, "index").longValueExact();
            instance = text(line, "instanceId");
            sequence = number(line, "sequenceNumber").longValueExact();
            type = text(line, "type");
            revision = number(line, "revision").intValueExact();
            digest = text(line, "digest");
            payloadText = text(line, "payload");
            payload = object(new Json(payloadText).whole());
        }

        byte[] hash(MessageDigest sha256) {
            sha256.update((byte) 0);
            field(sha256, instance.getBytes(StandardCharsets.UTF_8));
            field(sha256, ByteBuffer.allocate(Long.BYTES).putLong(sequence).array());
            field(sha256, type.getBytes(StandardCharsets.UTF_8));
            field(sha256, ByteBuffer.allocate(Integer.BYTES).putInt(revision).array());
            field(sha256, payloadText.getBytes(StandardCharsets.UTF_8));
            field(sha256, HexFormat.of().parseHex(digest));
            return sha256.digest();
        }

        private static void field(MessageDigest sha256, byte[] bytes) {
            sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            sha256.update(bytes);
        }
    }

    private static final class Proof {
        private final byte[] signed;
        private final String signature;
        private final String publicKey;
        private final String seal;
        private final List<Map<String, Object>> records = new ArrayList<>();
        private final List<Map<String, Object>> cutoffs = new ArrayList<>();
        private final List<Map<String, Object>> usage = new ArrayList<>();
        private final List<Event> events = new ArrayList<>();
        private final Deque<byte[]> siblings = new ArrayDeque<>();

        private Proof(byte[] signed, List<Map<String, Object>> lines, String signature) throws NotProven {
            this.signed = signed;
            this.signature = signature;
            members(lines.get(0), "form", "about", "publicKey");
            require(FORM.equals(text(lines.get(0), "form")), "it is not of the form " + FORM);
            publicKey = text(lines.get(0), "publicKey");
            members(lines.get(1), "seal");
            seal = text(lines.get(1), "seal");
            for (Map<String, Object> line : lines.subList(2, lines.size())) {
                require(line.size() == 1, "a line has other members than one");
                String kind = line.keySet().iterator().next();
                Object value = line.get(kind);
                switch (kind) {
                    case "record" -> records.add(object(value));
                    case "log", "notShown" -> require(value != null, kind + " is empty");
                    case "cutoff" -> cutoffs.add(object(value));
                    case "usageEvent" -> usage.add(object(value));
                    case "event" -> events.add(new Event(object(value)));
                    case "sibling" -> siblings.add(HexFormat.of().parseHex(String.valueOf(value)));
                    default -> throw new NotProven("nobody knows what a line " + kind + " is");
                }
            }
        }

        static Proof read(byte[] file) throws NotProven {
            require(file.length > 0 && file[file.length - 1] == '\n', "its end is missing");
            int start = file.length - 1;
            while (start > 0 && file[start - 1] != '\n') {
                start--;
            }
            byte[] signed = Arrays.copyOf(file, start);
            String last = utf8(Arrays.copyOfRange(file, start, file.length));
            require(last.matches("\\{\"signature\":\"[0-9a-f]{128}\"}\n"), "its last line is no signature");
            List<Map<String, Object>> lines = new ArrayList<>();
            for (String line : utf8(signed).split("\n")) {
                lines.add(object(new Json(line).whole()));
            }
            require(lines.size() > 2, "it has too few lines");
            return new Proof(signed, lines, last.substring(14, 14 + 128));
        }

        void checkSignatures() throws NotProven, GeneralSecurityException {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(signed);
            require(
                    isSigned(FORM + " " + HexFormat.of().formatHex(digest), signature),
                    "it was changed: its signature does not fit");
            int end = seal.lastIndexOf(' ');
            require(
                    seal.matches("\\d+ [0-9a-f]+ \\S+ [0-9a-f]{64} [0-9a-f]{128}")
                            && isSigned("hourledger-seal-1 " + seal.substring(0, end), seal.substring(end + 1)),
                    "the signature of its seal does not fit");
        }

        private boolean isSigned(String text, String by) throws GeneralSecurityException {
            byte[] key = HexFormat.of().parseHex(publicKey);
            byte[] encoded = Arrays.copyOf(X509_OF_ED25519, X509_OF_ED25519.length + key.length);
            System.arraycopy(key, 0, encoded, X509_OF_ED25519.length, key.length);
            PublicKey known = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(known);
            check.update(text.getBytes(StandardCharsets.UTF_8));
            return check.verify(HexFormat.of().parseHex(by));
        }

        /** The root follows from the events shown and the siblings, or some event is not what was sealed. */
        void checkInclusion() throws NotProven, GeneralSecurityException {
            long size = Long.parseLong(seal.split(" ")[0]);
            Map<String, Long> sequences = new TreeMap<>();
            long before = -1;
            for (Event event : events) {
                require(event.index > before && event.index < size, "its events are not in order");
                before = event.index;
                Long last = sequences.put(event.instance, event.sequence);
                long next = last == null ? 0 : last + 1;
                require(event.sequence == next, "event " + next + " of instance " + event.instance + " is missing");
            }
            require(!events.isEmpty(), "it shows no event");
            byte[] root = root(0, size, events, MessageDigest.getInstance("SHA-256"));
            require(siblings.isEmpty(), "it has more hashes than lead to the root");
            require(
                    HexFormat.of().formatHex(root).equals(seal.split(" ")[3]),
                    "its events are not those that were sealed");
        }

        private byte[] root(long from, long to, List<Event> shown, MessageDigest sha256) throws NotProven {
            if (shown.isEmpty()) {
                require(!siblings.isEmpty(), "hashes that lead to the root are missing");
                return siblings.removeFirst();
            }
            if (to - from == 1) {
                return shown.get(0).hash(sha256);
            }
            long middle = from + Long.highestOneBit(to - from - 1);
            int split = 0;
            while (split < shown.size() && shown.get(split).index < middle) {
                split++;
            }
            byte[] left = root(from, middle, shown.subList(0, split), sha256);
            byte[] right = root(middle, to, shown.subList(split, shown.size()), sha256);
            sha256.update((byte) 1);
            sha256.update(left);
            return sha256.digest(right);
        }

        /** Everything that is said of a record comes from events under the seal. */
        void checkRecords(PrintStream out) throws NotProven {
            Map<String, List<Event>> byInstance = new TreeMap<>();
            events.forEach(event ->
                    byInstance.computeIfAbsent(event.instance, none -> new ArrayList<>()).add(event));
            Map<String, BigDecimal> sums = new TreeMap<>();
            require(!records.isEmpty(), "it is about no record");
            for (Map<String, Object> record : records) {
                members(record, "meteringSn", "instanceId");
                String sn = text(record, "meteringSn");
                List<Event> stream = byInstance.getOrDefault(text(record, "instanceId"), List.of());
                Event opened = one(stream, "instance-opened", null, "the opening of " + text(record, "instanceId"));
                Event issued = one(stream, "usage-record-issued", sn, "the issue of record " + sn);
                String state = state(sn, stream);
                String meter = text(opened.payload, "meter");
                String buyer = text(opened.payload, "buyerId");
                sums.merge(
                        "buyer " + buyer + ", meter " + meter + ", " + state,
                        new BigDecimal(text(issued.payload, "amount")),
                        BigDecimal::add);
                if (records.size() == 1) {
                    out.println("record " + sn + " of instance " + issued.instance + ", buyer " + buyer);
                    out.println("  " + text(issued.payload, "amount") + " of meter " + meter + " from "
                            + text(issued.payload, "begin") + " to " + text(issued.payload, "end") + ", " + state);
                    sayHours(issued.instance, hoursOf(issued, stream), out);
                }
            }
            out.println(records.size() + " records:");
            sums.forEach((name, sum) -> out.println("  " + name + ": " + sum.toPlainString()));
        }

        private void sayHours(String instance, List<Event> hours, PrintStream out) throws NotProven {
            for (Event event : hours) {
                Map<String, Object> hour = event.payload;
                out.println("  hour " + text(hour, "hour") + " revision " + number(hour, "revision") + ": "
                        + text(hour, "amount") + " in " + number(hour, "eventCount") + " usage events, partition "
                        + number(hour, "partition") + " offsets " + number(hour, "firstOffset") + " to "
                        + number(hour, "lastOffset"));
                checkCutoff(instance, hour);
                sayUsage(hour, out);
            }
        }

        /** The record's own hour, and those before it that came to no record of their own. */
        private static List<Event> hoursOf(Event issued, List<Event> stream) throws NotProven {
            String own = text(issued.payload, "hour");
            List<Event> hours = new ArrayList<>();
            boolean isIssued = false;
            for (Event event : stream) {
                if (event.sequence < issued.sequence && event.type.equals("hour-metered")) {
                    if (isIssued) {
                        hours.removeIf(hour -> !own.equals(hour.payload.get("hour")));
                        isIssued = false;
                    }
                    hours.add(event);
                } else if (event.sequence < issued.sequence && event.type.equals("usage-record-issued")) {
                    isIssued = true;
                }
            }
            if (isIssued) {
                hours.removeIf(hour -> !own.equals(hour.payload.get("hour")));
            }
            return hours;
        }

        private void checkCutoff(String instance, Map<String, Object> hour) throws NotProven {
            for (Map<String, Object> cutoff : cutoffs) {
                members(cutoff, "instanceId", "hour", "revision", "partition", "offset");
                if (text(cutoff, "instanceId").equals(instance)
                        && text(cutoff, "hour").equals(text(hour, "hour"))
                        && number(cutoff, "revision").equals(number(hour, "revision"))) {
                    require(
                            number(cutoff, "offset").compareTo(number(hour, "lastOffset")) > 0,
                            "the hour " + text(hour, "hour") + " has events behind its cutoff");
                }
            }
        }

        private void sayUsage(Map<String, Object> hour, PrintStream out) throws NotProven {
            BigDecimal sum = BigDecimal.ZERO;
            int count = 0;
            for (Map<String, Object> event : usage) {
                members(event, "hour", "revision", "offset", "source", "id", "time", "receivedAt", "quantity");
                if (text(event, "hour").equals(text(hour, "hour"))
                        && number(event, "revision").equals(number(hour, "revision"))) {
                    sum = sum.add(new BigDecimal(text(event, "quantity")));
                    count++;
                    out.println("    " + text(event, "source") + " " + text(event, "id") + " at "
                            + text(event, "time") + ": " + text(event, "quantity"));
                }
            }
            if (count > 0) {
                boolean same = sum.compareTo(new BigDecimal(text(hour, "amount"))) == 0;
                out.println("    " + count + " events; their sum " + sum.stripTrailingZeros().toPlainString()
                        + (same ? " is the hour's amount" : " is not the hour's amount, so the meter does not add up"));
            }
        }

        private static Event one(List<Event> stream, String type, String sn, String what) throws NotProven {
            List<Event> found = stream.stream()
                    .filter(event -> event.type.equals(type))
                    .filter(event -> sn == null || sn.equals(event.payload.get("meteringSn")))
                    .toList();
            require(found.size() == 1, what + " is there " + found.size() + " times");
            return found.get(0);
        }

        private static String state(String sn, List<Event> stream) throws NotProven {
            String state = null;
            for (Event event : stream) {
                if (!sn.equals(event.payload.get("meteringSn")) || !event.type.startsWith("usage-record-")) {
                    continue;
                }
                if (event.type.equals("usage-record-duplicate-listed")) {
                    continue;
                }
                String next = event.type.equals("usage-record-settled")
                        ? Boolean.TRUE.equals(event.payload.get("billed")) ? "reported" : "refused"
                        : STATE_AFTER.get(event.type);
                require(next != null, "nobody knows what the event " + event.type + " makes of a record");
                state = next;
            }
            return state;
        }
    }

    private static String utf8(byte[] bytes) throws NotProven {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException notText) {
            throw new NotProven("it is not UTF-8");
        }
    }

    private static void members(Map<String, Object> object, String... names) throws NotProven {
        require(object.keySet().equals(Set.of(names)), "a line has other members than " + Arrays.toString(names));
    }

    private static String text(Map<String, Object> object, String name) throws NotProven {
        require(object.get(name) instanceof String, name + " is missing");
        return (String) object.get(name);
    }

    private static BigDecimal number(Map<String, Object> object, String name) throws NotProven {
        require(object.get(name) instanceof BigDecimal, name + " is missing");
        return (BigDecimal) object.get(name);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) throws NotProven {
        require(value instanceof Map, "an object is missing");
        return (Map<String, Object>) value;
    }

    /** JSON (RFC 8259) as objects, lists, texts, BigDecimal, Boolean and null. A member that stands twice is refused. */
    private static final class Json {
        private static final int DEEPEST = 32;
        private final String text;
        private int at;
        private int depth;

        Json(String text) {
            this.text = text;
        }

        Object whole() throws NotProven {
            Object value = value();
            require(at == text.length(), "something stands behind the JSON of a line");
            return value;
        }

        private Object value() throws NotProven {
            space();
            require(++depth < DEEPEST && at < text.length(), "it is no JSON");
            Object value =
                    switch (text.charAt(at)) {
                        case '{' -> members();
                        case '[' -> elements();
                        case '"' -> string();
                        case 't' -> word("true", true);
                        case 'f' -> word("false", false);
                        case 'n' -> word("null", null);
                        default -> numeral();
                    };
            depth--;
            space();
            return value;
        }

        private Map<String, Object> members() throws NotProven {
            Map<String, Object> members = new LinkedHashMap<>();
            at++;
            space();
            while (!next('}')) {
                require(members.isEmpty() || next(','), "it is no JSON");
                space();
                require(at < text.length() && text.charAt(at) == '"', "it is no JSON");
                String name = string();
                space();
                require(next(':') && !members.containsKey(name), "a member stands twice, or it is no JSON");
                members.put(name, value());
            }
            return members;
        }

        private List<Object> elements() throws NotProven {
            List<Object> elements = new ArrayList<>();
            at++;
            space();
            while (!next(']')) {
                require(elements.isEmpty() || next(','), "it is no JSON");
                elements.add(value());
            }
            return elements;
        }

        private String string() throws NotProven {
            StringBuilder string = new StringBuilder();
            at++;
            while (!next('"')) {
                require(at < text.length() && text.charAt(at) >= ' ', "it is no JSON");
                char c = text.charAt(at++);
                string.append(c == '\\' ? escaped() : c);
            }
            return string.toString();
        }

        private char escaped() throws NotProven {
            require(at < text.length(), "it is no JSON");
            char c = text.charAt(at++);
            if (c == 'u') {
                require(at + 4 <= text.length(), "it is no JSON");
                at += 4;
                return (char) HexFormat.fromHexDigits(text, at - 4, at);
            }
            int known = "\"\\/bfnrt".indexOf(c);
            require(known >= 0, "it is no JSON");
            return "\"\\/\b\f\n\r\t".charAt(known);
        }

        private Object word(String word, Object value) throws NotProven {
            require(text.startsWith(word, at), "it is no JSON");
            at += word.length();
            return value;
        }

        private BigDecimal numeral() throws NotProven {
            int start = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            require(at > start, "it is no JSON");
            return new BigDecimal(text.substring(start, at));
        }

        private boolean next(char c) {
            boolean is = at < text.length() && text.charAt(at) == c;
            at += is ? 1 : 0;
            return is;
        }

        private void space() {
            while (at < text.length() && " \t\r".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
    }
}
