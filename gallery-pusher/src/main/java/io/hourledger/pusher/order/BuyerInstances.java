package io.hourledger.pusher.order;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps whose every opened instance is, so that a package finds the one that it is for. */
final class BuyerInstances {

    private final JdbcClient jdbc;

    BuyerInstances(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Belongs into the opening's transaction. */
    void opened(String instanceId, String buyerId, String meter, boolean test) {
        jdbc.sql(
                        """
                        insert into pusher.buyer_instance (instance_id, buyer_id, meter, test)
                        values (:instance, :buyer, :meter, :test)
                        on conflict (instance_id) do nothing""")
                .param("instance", instanceId)
                .param("buyer", buyerId)
                .param("meter", meter)
                .param("test", test)
                .update();
    }

    /** The instances of a buyer that a meter measures, also those that have ended; the first of them. */
    List<String> of(String buyerId, String meter, boolean test, int most) {
        return jdbc.sql(
                        """
                        select instance_id from pusher.buyer_instance
                         where buyer_id = :buyer and meter = :meter and test = :test
                         order by instance_id limit :most""")
                .param("buyer", buyerId)
                .param("meter", meter)
                .param("test", test)
                .param("most", most)
                .query(String.class)
                .list();
    }
}
