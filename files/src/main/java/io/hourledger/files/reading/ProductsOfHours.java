package io.hourledger.files.reading;

import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.instance.ProductHistory;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which product an instance had when, as the ledger folds it from its events. Only instances that were upgraded are remembered; all others have
 * the product that they were opened as.
 */
public final class ProductsOfHours {

    private static final String UPGRADES =
            """
            select u.instance_id,
                o.payload ->> 'productId', o.payload ->> 'meter', o.payload ->> 'chargingMode',
                o.payload ->> 'pricingMode', o.payload ->> 'billingCycle', o.payload ->> 'openedAt',
                u.payload ->> 'productId', o.payload ->> 'meter', u.payload ->> 'chargingMode',
                u.payload ->> 'pricingMode', u.payload ->> 'billingCycle', u.payload ->> 'upgradedAt'
            from ledger.event u
            join ledger.event o on o.instance_id = u.instance_id and o.sequence_number = 0
            where u.event_type = 'instance-upgraded'
            order by u.instance_id, u.sequence_number
            """;

    private static final int OPENED_AS = 2;
    private static final int OPENED_AT = 7;
    private static final int UPGRADED_TO = 8;
    private static final int UPGRADED_AT = 13;

    private final Map<String, ProductHistory> upgraded = new HashMap<>();

    public ProductsOfHours(LongReading reading) {
        reading.stream(UPGRADES, List.of(), row -> {
            String instance = row.getString(1);
            ProductHistory before = upgraded.get(instance);
            if (before == null) {
                before = ProductHistory.openedAs(product(row, OPENED_AS), Instant.parse(row.getString(OPENED_AT)));
            }
            upgraded.put(
                    instance, before.followedBy(product(row, UPGRADED_TO), Instant.parse(row.getString(UPGRADED_AT))));
        });
    }

    private static Product product(ResultSet row, int column) throws SQLException {
        return new Product(
                row.getString(column),
                row.getString(column + 1),
                ChargingMode.valueOf(row.getString(column + 2)),
                PricingMode.valueOf(row.getString(column + 3)),
                BillingCycle.valueOf(row.getString(column + 4)));
    }

    /**
     * The id of the product in force at a moment.
     *
     * @param now the id that the instance has now
     */
    public String at(String instance, Instant moment, String now) {
        ProductHistory products = upgraded.get(instance);
        return products == null ? now : products.at(moment).productId();
    }
}
