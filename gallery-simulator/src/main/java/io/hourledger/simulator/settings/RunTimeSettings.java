package io.hourledger.simulator.settings;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What can be changed while the simulator runs. What was told last survives a restart; what was never told is the configuration's. */
@Component
public final class RunTimeSettings {

    private static final String ALL = "select name, value from gallery.setting";
    private static final String KEEP =
            """
            insert into gallery.setting (name, value) values (:name, :value)
                on conflict (name) do update set value = excluded.value""";

    private static final String CALLBACK_URL = "callback-url";
    private static final String ANSWER_MODEL = "answer-model";
    private static final String CALLS_PER_SECOND = "calls-per-second";

    private final JdbcClient database;
    private volatile Values values;

    /** One consistent set. */
    public record Values(Optional<URI> callbackUrl, AnswerModel answerModel, int callsPerSecond) {}

    RunTimeSettings(SimulatorSettings configured, JdbcClient database) {
        this.database = database;
        Map<String, String> stored = new HashMap<>();
        database.sql(ALL).query(row -> {
            stored.put(row.getString("name"), row.getString("value"));
        });
        this.values = new Values(
                Optional.ofNullable(stored.get(CALLBACK_URL))
                        .map(URI::create)
                        .or(() -> Optional.ofNullable(configured.callbackUrl())),
                Optional.ofNullable(stored.get(ANSWER_MODEL))
                        .map(AnswerModel::valueOf)
                        .orElse(configured.answerModel()),
                Optional.ofNullable(stored.get(CALLS_PER_SECOND))
                        .map(Integer::valueOf)
                        .orElse(configured.callsPerSecond()));
    }

    public Values now() {
        return values;
    }

    public synchronized void callbackUrl(URI url) {
        keep(CALLBACK_URL, url.toString());
        values = new Values(Optional.of(url), values.answerModel, values.callsPerSecond);
    }

    public synchronized void answerModel(AnswerModel model) {
        keep(ANSWER_MODEL, model.name());
        values = new Values(values.callbackUrl, model, values.callsPerSecond);
    }

    public synchronized void callsPerSecond(int calls) {
        keep(CALLS_PER_SECOND, Integer.toString(calls));
        values = new Values(values.callbackUrl, values.answerModel, calls);
    }

    private void keep(String name, String value) {
        database.sql(KEEP).param("name", name).param("value", value).update();
    }
}
