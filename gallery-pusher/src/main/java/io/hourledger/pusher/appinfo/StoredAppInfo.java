package io.hourledger.pusher.appinfo;

import io.hourledger.pusher.appinfo.AppInfo.Login;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps what apps have said of their instances. */
final class StoredAppInfo {

    private static final Logger LOG = LoggerFactory.getLogger(StoredAppInfo.class);
    private static final String USER_NAME = "user_name";
    private static final String PASSWORD = "password";

    private final JdbcClient jdbc;
    private final LoginCipher cipher;

    StoredAppInfo(JdbcClient jdbc, LoginCipher cipher) {
        this.jdbc = jdbc;
        this.cipher = cipher;
    }

    /** In place of what was said before. */
    void put(String instanceId, AppInfo info, String app, Instant now) {
        Login login = info.login();
        jdbc.sql(
                        """
                        insert into pusher.app_info (instance_id, front_end_url, admin_url, user_name, password, memo, put_at, put_by)
                        values (:instance, :front, :admin, :user, :password, :memo, :now, :app)
                        on conflict (instance_id) do update
                           set front_end_url = excluded.front_end_url, admin_url = excluded.admin_url,
                               user_name = excluded.user_name, password = excluded.password, memo = excluded.memo,
                               put_at = excluded.put_at, put_by = excluded.put_by""")
                .param("instance", instanceId)
                .param("front", info.frontEndUrl())
                .param("admin", info.adminUrl(), Types.VARCHAR)
                .param("user", encrypted(instanceId, USER_NAME, login == null ? null : login.userName()), Types.BINARY)
                .param(
                        "password",
                        encrypted(instanceId, PASSWORD, login == null ? null : login.password()),
                        Types.BINARY)
                .param("memo", info.memo(), Types.VARCHAR)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("app", app)
                .update();
    }

    /** Of those of these instances of which an app has said anything. */
    Map<String, AppInfo> of(Collection<String> instanceIds) {
        Map<String, AppInfo> found = new HashMap<>();
        jdbc.sql(
                        """
                        select instance_id, front_end_url, admin_url, user_name, password, memo
                          from pusher.app_info where instance_id = any (:ids)""")
                .param("ids", instanceIds.toArray(String[]::new))
                .query(row -> {
                    found.put(row.getString("instance_id"), read(row));
                });
        return found;
    }

    private AppInfo read(ResultSet row) throws SQLException {
        String instanceId = row.getString("instance_id");
        return new AppInfo(
                row.getString("front_end_url"),
                row.getString("admin_url"),
                login(instanceId, row.getBytes(USER_NAME), row.getBytes(PASSWORD)),
                row.getString("memo"));
    }

    private @Nullable Login login(String instanceId, byte @Nullable [] userName, byte @Nullable [] password) {
        if (userName == null) {
            return null;
        }
        String user = decrypted(instanceId, USER_NAME, userName);
        String secret = password == null ? null : decrypted(instanceId, PASSWORD, password);
        if (user == null || (password != null && secret == null)) {
            LOG.atError()
                    .addKeyValue("instance", instanceId)
                    .log("an account cannot be decrypted, since the seller key is another; the app must put it again");
            return null;
        }
        return new Login(user, secret);
    }

    private byte @Nullable [] encrypted(String instanceId, String field, @Nullable String text) {
        return text == null ? null : cipher.encrypt(instanceId, field, text);
    }

    private @Nullable String decrypted(String instanceId, String field, byte[] encrypted) {
        return cipher.decrypt(instanceId, field, encrypted).orElse(null);
    }
}
