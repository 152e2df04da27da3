package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.AnswerReader;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.PushAnswer;
import io.hourledger.pusher.marketplace.PushAnswer.AbnormalRecord;
import io.hourledger.pusher.marketplace.PushAnswer.Accepted;
import io.hourledger.pusher.marketplace.PushAnswer.NotAllowed;
import io.hourledger.pusher.marketplace.PushAnswer.RefusedCall;
import io.hourledger.pusher.marketplace.PushAnswer.SomeAbnormal;
import io.hourledger.pusher.marketplace.PushAnswer.Throttled;
import io.hourledger.pusher.marketplace.PushAnswer.TooManyRecords;
import io.hourledger.pusher.marketplace.PushAnswer.Unclear;
import io.hourledger.pusher.marketplace.Rejection;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads what came back from KooGallery. The digits of the body's code decide, not the HTTP status (koogallery.md, section 1.4); only the
 * documented code of success in a successful HTTP answer is read as success.
 */
final class KooGalleryAnswerReader implements AnswerReader {

    /** A longer wait than this is not believed; by then the age of the oldest record has long raised an alarm. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private static final String WRONG_SIGNATURE = "0102";
    private static final int MESSAGE_CHARS = 255;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern SERVICE_CODE = Pattern.compile("(?:(?:MKT|CBC)\\.)?(\\d{4})");
    private static final Pattern GATEWAY_CODE = Pattern.compile("APIGW?\\.(\\d{4})");
    /** The three forms that a recipient must read (RFC 9110, section 5.6.7). */
    private static final List<DateTimeFormatter> HTTP_DATES = List.of(
            DateTimeFormatter.RFC_1123_DATE_TIME,
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.ENGLISH),
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC));

    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}(?:\\.\\d{1,9})?");

    private final boolean isKeyChanging;

    /**
     * @param isKeyChanging whether the account has two keys: the marketplace's hosts may disagree about them
     */
    KooGalleryAnswerReader(boolean isKeyChanging) {
        this.isKeyChanging = isKeyChanging;
    }

    @Override
    public PushAnswer read(HttpResult result, Instant machineNow) {
        return switch (result) {
            case HttpResult.NotSent(String why) -> new PushAnswer.NotSent(why);
            case HttpResult.NotMade(String why) -> new PushAnswer.NotMade(why);
            case HttpResult.Silence(String why) -> new Unclear(why, null, false);
            case HttpResult.KeyRefused _ -> new PushAnswer.KeyRefused();
            case HttpResult.Answer answer -> ofHttp(answer, machineNow);
        };
    }

    /** Whether the marketplace says that the body was signed with another key than it knows; then it has looked at no record. */
    static boolean isWrongSignature(HttpResult result) {
        return digitsOfService(result).equals(WRONG_SIGNATURE);
    }

    /** Whether the service's answer is one that it gives only behind the signature. A gateway, a throttle and a fault may come before it. */
    static boolean hasTakenSignature(HttpResult result) {
        return switch (digitsOfService(result)) {
            case "", WRONG_SIGNATURE, "0250", "0999" -> false;
            default -> true;
        };
    }

    /** The four digits of the service's own code; empty if there is none. */
    private static String digitsOfService(HttpResult result) {
        if (!(result instanceof HttpResult.Answer answer)) {
            return "";
        }
        JsonNode json = json(answer.body());
        Matcher service = SERVICE_CODE.matcher(json == null ? "" : text(json, "error_code", "errorCode", "resultCode"));
        return service.matches() ? service.group(1) : "";
    }

    /** Four digits of the service, or the gateway's code whole; empty if there is neither. */
    static String codeOf(HttpResult.Answer answer) {
        String digits = digitsOfService(answer);
        JsonNode json = json(answer.body());
        return digits.isEmpty() && json != null ? text(json, "error_code", "errorCode", "resultCode") : digits;
    }

    /** The codes of the records that an answer names. */
    static List<String> recordCodesOf(HttpResult.Answer answer) {
        JsonNode json = json(answer.body());
        return json == null
                ? List.of()
                : abnormal(json).stream().map(AbnormalRecord::code).toList();
    }

    /** Code and message as they came, for people. */
    static String wordsOf(HttpResult.Answer answer) {
        JsonNode json = json(answer.body());
        return json == null
                ? "and no JSON"
                : (text(json, "error_code", "errorCode", "resultCode") + " " + message(json)).strip();
    }

    private PushAnswer ofHttp(HttpResult.Answer answer, Instant machineNow) {
        Duration retryAfter = retryAfter(answer.retryAfter(), machineNow);
        JsonNode json = json(answer.body());
        String code = json == null ? "" : text(json, "error_code", "errorCode", "resultCode");
        if (json == null || code.isEmpty()) {
            return withoutCode(answer, retryAfter);
        }
        return byCode(answer.status(), code, message(json), abnormal(json), retryAfter);
    }

    private static PushAnswer withoutCode(HttpResult.Answer answer, @Nullable Duration retryAfter) {
        if (answer.status() == 429 || answer.status() == 406) {
            return new Throttled("HTTP " + answer.status(), retryAfter);
        }
        return new Unclear(
                "HTTP " + answer.status() + " without a code, " + answer.body().length + " bytes",
                retryAfter,
                answer.status() == 501 || answer.status() == 503);
    }

    private PushAnswer byCode(
            int status, String code, String message, List<AbnormalRecord> abnormal, @Nullable Duration retryAfter) {
        Matcher gateway = GATEWAY_CODE.matcher(code);
        if (gateway.matches()) {
            return ofGateway(status, code, gateway.group(1), message, retryAfter);
        }
        Matcher service = SERVICE_CODE.matcher(code);
        if (!service.matches()) {
            return status == 429
                    ? new Throttled(code, retryAfter)
                    : new Unclear("a code that nobody documented: " + shortened(code), retryAfter, true);
        }
        return ofService(status, code, service.group(1), message, abnormal, retryAfter);
    }

    private PushAnswer ofService(
            int status,
            String code,
            String digits,
            String message,
            List<AbnormalRecord> abnormal,
            @Nullable Duration retryAfter) {
        boolean success = digits.equals("0000");
        if (!abnormal.isEmpty() && (success || namesRecords(digits))) {
            return new SomeAbnormal(success && successful(status), abnormal);
        }
        return switch (digits) {
            case "0000" ->
                successful(status)
                        ? new Accepted()
                        : new Unclear("code of success in an HTTP " + status, retryAfter, false);
            case "0100", "0101", "0199", "9001", "9002", "9004" ->
                new RefusedCall(code, message, KooGalleryCodes.ofLoneRecord(digits));
            case "9003" -> new TooManyRecords(code);
            case WRONG_SIGNATURE, "0150", "0151", "0154" -> notAllowed(code, digits, message);
            case "0250" -> new Throttled(code, retryAfter);
            case "0999" -> new Unclear(code + " " + message, retryAfter, false);
            default ->
                status == 429
                        ? new Throttled(code, retryAfter)
                        : new Unclear("a code that nobody documented: " + code, retryAfter, true);
        };
    }

    /** Refused before the service saw it: the gateway's own list of codes. */
    private PushAnswer ofGateway(
            int status, String code, String digits, String message, @Nullable Duration retryAfter) {
        if (digits.equals("0308") || status == 429) {
            return new Throttled(code, retryAfter);
        }
        if (digits.startsWith("03") || digits.startsWith("01")) {
            return notAllowed(code, digits, message);
        }
        return new Unclear(code + " " + message, retryAfter, status == 503);
    }

    /** Says nothing of earlier attempts: key, signature and rights can have been good then. */
    private NotAllowed notAllowed(String code, String digits, String message) {
        return new NotAllowed(
                code,
                message,
                KooGalleryCodes.recordsLookedAt(digits),
                isKeyChanging && digits.equals(WRONG_SIGNATURE) ? Rejection.OF_OUR_KEY : Rejection.REFUSED_TODAY);
    }

    /** Codes under which a list of abnormal records makes sense: the input was at fault, not the key, the rate or the machine. */
    private static boolean namesRecords(String digits) {
        return switch (digits) {
            case "0100", "0101", "0199", "9001", "9002", "9004" -> true;
            default -> false;
        };
    }

    private static boolean successful(int status) {
        return status >= 200 && status < 300;
    }

    private static @Nullable JsonNode json(byte[] body) {
        try {
            JsonNode node = JSON.readTree(body);
            return node != null && node.isObject() ? node : null;
        } catch (JacksonException notJson) {
            return null;
        }
    }

    private static String message(JsonNode json) {
        return shortened(text(json, "error_msg", "errorMsg", "resultMsg"));
    }

    /** {@code abnormal_usage_data}, at the top or inside the part that is called after it. */
    private static List<AbnormalRecord> abnormal(JsonNode json) {
        JsonNode list = json.findValue("abnormal_usage_data");
        if (list == null) {
            list = json.findValue("abnormalUsageData");
        }
        if (list == null || list.isNull()) {
            return List.of();
        }
        if (!list.isArray()) {
            return List.of(abnormalRecord(list));
        }
        List<AbnormalRecord> abnormal = new ArrayList<>();
        for (JsonNode entry : list) {
            abnormal.add(abnormalRecord(entry));
        }
        return abnormal;
    }

    /** The names of an entry's fields were never documented, so several are tried. */
    private static AbnormalRecord abnormalRecord(JsonNode entry) {
        String code = recordCode(text(entry, "error_code", "errorCode", "code", "abnormal_code"));
        return new AbnormalRecord(
                orNull(text(entry, "metering_sn", "meteringSn")),
                orNull(text(entry, "instance_id", "instanceId")),
                KooGalleryTime.parseExactly(text(entry, "begin_time", "beginTime")),
                KooGalleryTime.parseExactly(text(entry, "end_time", "endTime")),
                code,
                KooGalleryCodes.ofRecord(code),
                shortened(text(entry, "error_msg", "errorMsg", "message", "abnormal_msg")));
    }

    /** Record codes are three digits; a prefix, if there is one, is dropped as with the call's code. */
    private static String recordCode(String code) {
        int dot = code.lastIndexOf('.');
        return shortened(dot < 0 ? code : code.substring(dot + 1));
    }

    private static String text(JsonNode node, String... names) {
        for (String name : names) {
            JsonNode value = node.get(name);
            if (value != null && value.isValueNode() && !value.isNull()) {
                return value.asString();
            }
        }
        return "";
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /** Fit to be kept and logged: PostgreSQL takes no U+0000, and nobody half a surrogate pair. */
    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), MESSAGE_CHARS))
                .codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Seconds or an HTTP date (RFC 9110, 10.2.3), to the second; null if there is none or it is neither. */
    static @Nullable Duration retryAfter(@Nullable String header, Instant machineNow) {
        if (header == null || header.isBlank()) {
            return null;
        }
        String value = header.strip();
        Duration wait;
        if (SECONDS.matcher(value).matches()) {
            wait = Duration.ofMillis(new BigDecimal(value)
                    .movePointRight(3)
                    .setScale(0, RoundingMode.UP)
                    .longValueExact());
        } else {
            Optional<Instant> date = httpDate(value);
            if (date.isEmpty()) {
                return null;
            }
            wait = Duration.between(machineNow, date.get());
        }
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }

    private static Optional<Instant> httpDate(String value) {
        return HTTP_DATES.stream()
                .map(form -> parsed(form, value))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Instant> parsed(DateTimeFormatter form, String value) {
        try {
            return Optional.of(ZonedDateTime.parse(value, form).toInstant());
        } catch (DateTimeException noDate) {
            return Optional.empty();
        }
    }
}
