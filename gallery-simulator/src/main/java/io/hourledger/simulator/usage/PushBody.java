package io.hourledger.simulator.usage;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The body of a push call, read as strictly as koogallery.md, section 1.3, describes it. */
final class PushBody {

    /** Most elements of {@code usage_records}. */
    static final int MOST_RECORDS = 1000;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Set<String> REQUIRED =
            Set.of("begin_time", "end_time", "instance_id", "metering_sn", "record_time", "usage_value");
    private static final String PACKAGE = "relate_pkg_instance";

    private static final int LONGEST_ID = 64;
    private static final int LONGEST_AMOUNT = 20;
    private static final BigDecimal LARGEST = new BigDecimal("99999999.9999");
    private static final Pattern AMOUNT = Pattern.compile("(0|[1-9][0-9]*)(\\.[0-9]{1,4})?");
    private static final Pattern TIME = Pattern.compile("[0-9]{8}T[0-9]{6}Z");
    private static final DateTimeFormatter TIME_FORM =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

    private PushBody() {}

    /** Either the records, or why the call is refused as a whole. */
    record Reading(List<PushedRecord> records, @Nullable Refusal refusal, boolean canonical) {

        private static Reading refused(Refusal refusal) {
            return new Reading(List.of(), refusal, true);
        }
    }

    static Reading read(byte[] body) {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JacksonException notJson) {
            return Reading.refused(Refusal.inputCheckFailed("the body is not JSON: " + notJson.getOriginalMessage()));
        }
        if (!(root instanceof ObjectNode object)) {
            return Reading.refused(Refusal.inputCheckFailed("the body is not a JSON object"));
        }
        for (String name : object.propertyNames()) {
            if (!name.equals("usage_records")) {
                return Reading.refused(Refusal.parameterUnknownExtraOrMissing(name));
            }
        }
        if (!(object.get("usage_records") instanceof ArrayNode records)) {
            return Reading.refused(Refusal.parameterWrong("usage_records is required and is a list"));
        }
        if (records.isEmpty()) {
            return Reading.refused(Refusal.parameterWrong("usage_records is empty"));
        }
        if (records.size() > MOST_RECORDS) {
            return Reading.refused(Refusal.tooManyRecords(records.size()));
        }
        return readRecords(records, CanonicalJson.isCanonical(root, body));
    }

    private static Reading readRecords(ArrayNode elements, boolean canonical) {
        List<PushedRecord> records = new ArrayList<>(elements.size());
        for (JsonNode element : elements) {
            int position = records.size();
            if (!(element instanceof ObjectNode fields)) {
                return Reading.refused(Refusal.inputCheckFailed("usage_records[" + position + "] is not an object"));
            }
            Refusal shape = wrongShape(fields, position);
            if (shape != null) {
                return Reading.refused(shape);
            }
            records.add(readRecord(fields, position));
        }
        return new Reading(records, null, canonical);
    }

    private static @Nullable Refusal wrongShape(ObjectNode fields, int position) {
        for (String name : fields.propertyNames()) {
            if (!REQUIRED.contains(name) && !name.equals(PACKAGE)) {
                return Refusal.parameterUnknownExtraOrMissing("usage_records[" + position + "]." + name);
            }
        }
        for (String name : REQUIRED) {
            boolean listable = name.equals("metering_sn");
            if (!listable && !fields.has(name)) {
                return Refusal.parameterUnknownExtraOrMissing("usage_records[" + position + "]." + name);
            }
        }
        String instanceId = text(fields, "instance_id");
        if (instanceId == null || instanceId.isBlank() || instanceId.length() > LONGEST_ID) {
            return Refusal.inputCheckFailed("usage_records[" + position + "].instance_id has 1 to 64 characters");
        }
        if (fields.has(PACKAGE)) {
            String packageId = text(fields, PACKAGE);
            if (packageId == null || packageId.isBlank() || packageId.length() > LONGEST_ID) {
                return Refusal.inputCheckFailed(
                        "usage_records[" + position + "]." + PACKAGE + " has 1 to 64 characters");
            }
        }
        return null;
    }

    private static PushedRecord readRecord(ObjectNode fields, int position) {
        String where = "usage_records[" + position + "].";
        String meteringSn = text(fields, "metering_sn");
        if (!fields.has("metering_sn")) {
            return malformed(
                    fields,
                    position,
                    RecordAnswerCode.ID_MISSING,
                    Refusal.parameterUnknownExtraOrMissing(where + "metering_sn"));
        }
        if (meteringSn == null || meteringSn.isBlank() || meteringSn.length() > LONGEST_ID) {
            return malformed(
                    fields,
                    position,
                    RecordAnswerCode.ID_MISSING,
                    Refusal.inputCheckFailed(where + "metering_sn has 1 to 64 characters"));
        }
        Instant begin = time(fields, "begin_time");
        Instant end = time(fields, "end_time");
        Instant recordTime = time(fields, "record_time");
        if (begin == null || end == null || recordTime == null) {
            String name = begin == null ? "begin_time" : end == null ? "end_time" : "record_time";
            return malformed(
                    fields,
                    position,
                    RecordAnswerCode.TIME_FORMAT_WRONG,
                    Refusal.inputCheckFailed(where + name + " is UTC, yyyyMMdd'T'HHmmss'Z'"));
        }
        BigDecimal amount = amount(fields);
        if (amount == null) {
            return malformed(
                    fields,
                    position,
                    RecordAnswerCode.USAGE_AMOUNT_WRONG,
                    Refusal.inputCheckFailed(where
                            + "usage_value is a plain decimal text above 0 with at most 4 decimals, up to " + LARGEST));
        }
        return new PushedRecord.WellFormed(
                position,
                required(fields, "instance_id"),
                meteringSn,
                begin,
                end,
                recordTime,
                new PushedRecord.SentAmount(amount, required(fields, "usage_value")),
                text(fields, PACKAGE));
    }

    private static PushedRecord malformed(ObjectNode fields, int position, RecordAnswerCode code, Refusal refusal) {
        return new PushedRecord.Malformed(
                position,
                required(fields, "instance_id"),
                text(fields, "metering_sn"),
                fields.path("usage_value").asString(""),
                fields.toString(),
                code,
                refusal);
    }

    private static @Nullable Instant time(ObjectNode fields, String name) {
        String text = text(fields, name);
        if (text == null || !TIME.matcher(text).matches()) {
            return null;
        }
        try {
            return LocalDateTime.parse(text, TIME_FORM).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException noSuchTime) {
            return null;
        }
    }

    private static @Nullable BigDecimal amount(ObjectNode fields) {
        String text = text(fields, "usage_value");
        if (text == null
                || text.length() > LONGEST_AMOUNT
                || !AMOUNT.matcher(text).matches()) {
            return null;
        }
        BigDecimal amount = new BigDecimal(text);
        return amount.signum() > 0 && amount.compareTo(LARGEST) <= 0 ? amount : null;
    }

    private static @Nullable String text(ObjectNode fields, String name) {
        JsonNode value = fields.get(name);
        return value != null && value.isString() ? value.stringValue() : null;
    }

    private static String required(ObjectNode fields, String name) {
        String value = text(fields, name);
        if (value == null) {
            throw new IllegalStateException(name + " was checked before");
        }
        return value;
    }
}
