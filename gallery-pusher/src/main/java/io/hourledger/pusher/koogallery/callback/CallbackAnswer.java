package io.hourledger.pusher.koogallery.callback;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** An answer to a call: a result code and what else belongs to the activity. */
final class CallbackAnswer {

    /** What is not ASCII is escaped: a memo must be (koogallery.md, section 4.4), and all else may. */
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final int MESSAGE_CHARS = 255;

    private final ResultCode result;
    private final Map<String, Object> fields = new LinkedHashMap<>();

    private CallbackAnswer(ResultCode result, String message) {
        this.result = result;
        fields.put("resultCode", result.code());
        fields.put("resultMsg", message.length() <= MESSAGE_CHARS ? message : message.substring(0, MESSAGE_CHARS));
    }

    static CallbackAnswer of(ResultCode result) {
        return new CallbackAnswer(result, result.message());
    }

    static CallbackAnswer of(ResultCode result, String message) {
        return new CallbackAnswer(result, message);
    }

    CallbackAnswer withInstanceId(String instanceId) {
        fields.put("instanceId", instanceId);
        return this;
    }

    CallbackAnswer withAppInfo(Map<String, Object> appInfo) {
        fields.put("appInfo", appInfo);
        return this;
    }

    CallbackAnswer withInfo(List<Map<String, Object>> info) {
        fields.put("info", info);
        return this;
    }

    ResultCode result() {
        return result;
    }

    /** What a person reads of it. */
    String message() {
        return String.valueOf(fields.get("resultMsg"));
    }

    /** The bytes that are signed and sent. */
    byte[] bytes() {
        return JSON.writeValueAsBytes(fields);
    }
}
