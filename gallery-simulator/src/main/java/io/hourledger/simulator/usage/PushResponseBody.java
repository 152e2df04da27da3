package io.hourledger.simulator.usage;

import io.hourledger.simulator.settings.AnswerModel;
import io.hourledger.simulator.usage.RecordRules.Assessed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.json.JsonMapper;

/** The bodies of the push API's answers (koogallery.md, sections 1.4 and 1.5). */
final class PushResponseBody {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String BAD_GATEWAY_PAGE =
            """
            <html><head><title>502 Bad Gateway</title></head>
            <body><center><h1>502 Bad Gateway</h1></center><hr><center>CloudWAF</center></body></html>
            """;

    private PushResponseBody() {}

    static ResponseEntity<byte[]> success(AnswerModel model, List<Assessed> records) {
        Map<String, Object> body = coded("MKT.0000", "success");
        List<Map<String, Object>> abnormal = new ArrayList<>();
        for (Assessed one : records) {
            RecordAnswerCode code = one.code();
            if (code != null) {
                abnormal.add(abnormal(one, code));
            }
        }
        if (model == AnswerModel.ABNORMAL_LIST && !abnormal.isEmpty()) {
            body.put("abnormal_usage_data", abnormal);
        }
        return json(200, body);
    }

    /** The field names of the list's elements are on no page; these are those of the record itself, with the code beside them. */
    private static Map<String, Object> abnormal(Assessed one, RecordAnswerCode code) {
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("instance_id", one.record().instanceId());
        String meteringSn = one.record().meteringSn();
        if (meteringSn != null) {
            element.put("metering_sn", meteringSn);
        }
        element.put("error_code", code.number());
        element.put("error_msg", code.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
        return element;
    }

    static ResponseEntity<byte[]> refused(Refusal refusal) {
        return error(refusal.httpStatus(), refusal.code(), refusal.message());
    }

    static ResponseEntity<byte[]> error(int httpStatus, String code, String message) {
        return json(httpStatus, coded(code, message));
    }

    static ResponseEntity<byte[]> throttled(String retryAfter) {
        return ResponseEntity.status(429)
                .header(HttpHeaders.RETRY_AFTER, retryAfter)
                .contentType(MediaType.APPLICATION_JSON)
                .body(bytes(coded("APIGW.0308", "The throttling threshold has been reached")));
    }

    static ResponseEntity<byte[]> page(int httpStatus) {
        return ResponseEntity.status(httpStatus)
                .contentType(MediaType.TEXT_HTML)
                .body(BAD_GATEWAY_PAGE.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    static ResponseEntity<byte[]> empty() {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(new byte[0]);
    }

    private static Map<String, Object> coded(String code, String message) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error_code", code);
        body.put("error_msg", message.length() <= 255 ? message : message.substring(0, 255));
        return body;
    }

    private static ResponseEntity<byte[]> json(int httpStatus, Map<String, Object> body) {
        return ResponseEntity.status(httpStatus)
                .contentType(MediaType.APPLICATION_JSON)
                .body(bytes(body));
    }

    private static byte[] bytes(Map<String, Object> body) {
        return JSON.writeValueAsBytes(body);
    }
}
