package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.appinfo.AppInfo;
import io.hourledger.pusher.appinfo.AppInfo.Login;
import io.hourledger.pusher.koogallery.SellerKey;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes what an app says of an instance as the marketplace's {@code appInfo}: its account encrypted (koogallery.md, sections 4.4 and 4.5). */
final class AppInfoFields {

    private AppInfoFields() {}

    static Map<String, Object> of(AppInfo info, SellerKey key) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("frontEndUrl", info.frontEndUrl());
        if (info.adminUrl() != null) {
            fields.put("adminUrl", info.adminUrl());
        }
        Login login = info.login();
        if (login != null) {
            fields.put("userName", key.encryptedField(login.userName()));
            if (login.password() != null) {
                fields.put("password", key.encryptedField(login.password()));
            }
        }
        if (info.memo() != null) {
            fields.put("memo", info.memo());
        }
        return fields;
    }
}
