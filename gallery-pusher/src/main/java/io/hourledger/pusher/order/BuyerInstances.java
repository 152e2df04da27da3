package io.hourledger.pusher.order;

import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps whose every opened instance is, so that a package finds the one that it is for. */
final class BuyerInstances {

    private final JdbcClient jdbc;

    BuyerInstances(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Belongs into the opening's transaction. */
    void opened(Requested requested, String instanceId, String buyerId, String meter) {
        jdbc.sql(
                        """
                        insert into pusher.buyer_instance (account, instance_id, buyer_id, meter, test)
                        values (:account, :instance, :buyer, :meter, :test)
                        on conflict (instance_id) do nothing""")
                .param("account", requested.account())
                .param("instance", instanceId)
                .param("buyer", buyerId)
                .param("meter", meter)
                .param("test", requested.test())
                .update();
    }

    /** The instances of a buyer of the same seller account that a meter measures, also those that have ended; the first of them. */
    List<String> of(Requested requested, String buyerId, String meter, int most) {
        return jdbc.sql(
                        """
                        select instance_id from pusher.buyer_instance
                         where account = :account and buyer_id = :buyer and meter = :meter and test = :test
                         order by instance_id limit :most""")
                .param("account", requested.account())
                .param("buyer", buyerId)
                .param("meter", meter)
                .param("test", requested.test())
                .param("most", most)
                .query(String.class)
                .list();
    }
}
