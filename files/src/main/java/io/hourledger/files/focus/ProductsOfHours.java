package io.hourledger.files.focus;

import io.hourledger.files.reading.LongReading;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Which product an instance had when. Only instances that were upgraded are remembered; all others have the product that they were opened as. */
final class ProductsOfHours {

    private static final String UPGRADES =
            """
            select o.instance_id, o.payload ->> 'productId', o.payload ->> 'openedAt', u.payload ->> 'productId',
                u.payload ->> 'upgradedAt'
            from ledger.event u
            join ledger.event o on o.instance_id = u.instance_id and o.sequence_number = 0
            where u.event_type = 'instance-upgraded'
            order by u.instance_id, u.sequence_number
            """;

    private final Map<String, NavigableMap<Instant, String>> upgraded = new HashMap<>();

    ProductsOfHours(LongReading reading) {
        reading.stream(UPGRADES, List.of(), row -> {
            NavigableMap<Instant, String> products =
                    upgraded.computeIfAbsent(row.getString(1), first -> new TreeMap<>());
            products.putIfAbsent(Instant.parse(row.getString(3)), row.getString(2));
            products.put(Instant.parse(row.getString(5)), row.getString(4));
        });
    }

    String of(FocusCharge charge) {
        NavigableMap<Instant, String> products = upgraded.get(charge.instance);
        if (products == null) {
            return charge.productNow;
        }
        Map.Entry<Instant, String> product = products.floorEntry(charge.begin);
        return product == null ? products.firstEntry().getValue() : product.getValue();
    }
}
