package io.hourledger.pusher.instances;

import io.hourledger.pusher.appinfo.AppInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what an app says of an instance. No message repeats a value: one may be a password. */
final class AppInfoBody {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Set<String> FIELDS = Set.of("frontEndUrl", "adminUrl", "userName", "password", "memo");

    private AppInfoBody() {}

    /**
     * @throws IllegalArgumentException if it is not one; the message is a sentence
     */
    static AppInfo read(byte[] body) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : object(body).properties()) {
            if (!FIELDS.contains(field.getKey())) {
                throw new IllegalArgumentException(
                        "a field is none of frontEndUrl, adminUrl, userName, password, memo");
            }
            if (field.getValue().isNull()) {
                continue;
            }
            if (!field.getValue().isString()) {
                throw new IllegalArgumentException(field.getKey() + " must be a text");
            }
            fields.put(field.getKey(), field.getValue().asString());
        }
        String frontEndUrl = fields.get("frontEndUrl");
        if (frontEndUrl == null) {
            throw new IllegalArgumentException("frontEndUrl is missing");
        }
        return new AppInfo(
                frontEndUrl,
                fields.get("adminUrl"),
                login(fields.get("userName"), fields.get("password")),
                fields.get("memo"));
    }

    private static AppInfo.@Nullable Login login(@Nullable String userName, @Nullable String password) {
        if (userName == null) {
            if (password != null) {
                throw new IllegalArgumentException("password comes without userName");
            }
            return null;
        }
        return new AppInfo.Login(userName, password);
    }

    private static JsonNode object(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            if (json != null && json.isObject()) {
                return json;
            }
        } catch (JacksonException notJson) {
            // said below, without the text
        }
        throw new IllegalArgumentException("the body must be one JSON object, with each field once");
    }
}
