package io.hourledger.simulator.callback;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Keeps what the seller made of calls that were repeated, forged or stale. */
@Component
class CallbackProbes {

    private final JdbcClient database;

    CallbackProbes(JdbcClient database) {
        this.database = database;
    }

    /**
     * One such call.
     *
     * @param callbackId the call beside which it was sent
     * @param answer the result code, or why the answer was not usable
     * @param right whether he answered it rightly: a repeated call as the first time, the others with 000001
     */
    record Probe(long callbackId, String activity, String kind, String answer, boolean right) {}

    void keep(Probe probe) {
        database.sql(
                        """
                        insert into gallery.callback_probe (callback_id, activity, kind, answer, answered_rightly)
                        values (:callback, :activity, :kind, :answer, :right)""")
                .param("callback", probe.callbackId)
                .param("activity", probe.activity)
                .param("kind", probe.kind)
                .param("answer", probe.answer)
                .param("right", probe.right)
                .update();
    }

    List<Probe> latest(int most) {
        return database.sql("select * from gallery.callback_probe order by probe_id desc limit :most")
                .param("most", most)
                .query((row, number) -> new Probe(
                        row.getLong("callback_id"),
                        row.getString("activity"),
                        row.getString("kind"),
                        row.getString("answer"),
                        row.getBoolean("answered_rightly")))
                .list();
    }
}
