package io.hourledger.cli.catalogue;

import io.hourledger.aggregator.recount.CatalogueSimulation.BothAmounts;
import io.hourledger.aggregator.recount.CatalogueSimulation.MeteredAmount;
import io.hourledger.cli.ledger.Output;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Adds up by meter, product and unit what two catalogues make of the same hours. An amount is a product's if the catalogue that counted measures
 * the product of its instance by its meter; all others stand under no product, so that no amount is left out.
 */
final class BothAmountsTable {

    static final String[] COLUMNS = {"meter", "product", "unit", "today", "simulated", "difference"};

    private static final int INSTANCES_A_QUERY = 1000;
    private static final String NO_PRODUCT = "";

    private final CatalogueVersions published;
    private final Catalogue other;
    private final LedgerQueries instances;
    private final SortedMap<Key, Both> amounts = new TreeMap<>();

    /**
     * @param instances asked for the products of instances
     */
    BothAmountsTable(CatalogueVersions published, Catalogue other, LedgerQueries instances) {
        this.published = published;
        this.other = other;
        this.instances = instances;
    }

    /** A meter whose unit differs between the catalogues has a row in each of its units. */
    private record Key(String meter, String product, String unit) implements Comparable<Key> {

        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::meter).thenComparing(Key::product).thenComparing(Key::unit);

        @Override
        public int compareTo(Key next) {
            return ORDER.compare(this, next);
        }
    }

    private record Both(BigDecimal today, BigDecimal simulated) {

        Both plus(Both more) {
            return new Both(today.add(more.today), simulated.add(more.simulated));
        }
    }

    /** Adds an hour of a partition. An instance has the product there that it had when the hour began. */
    void add(UsageHour hour, BothAmounts counted) {
        Map<String, Product> products = productsAt(
                hour,
                Stream.concat(counted.published().stream(), counted.other().stream())
                        .map(MeteredAmount::instance)
                        .distinct()
                        .toList());
        Catalogue today = published.of(hour);
        counted.published()
                .forEach(amount ->
                        add(amount, today, products, product -> product, new Both(amount.amount(), BigDecimal.ZERO)));
        // an instance that is open keeps a product that the other catalogue no longer has
        counted.other()
                .forEach(amount -> add(
                        amount,
                        other,
                        products,
                        product -> other.product(product.productId()).orElse(product),
                        new Both(BigDecimal.ZERO, amount.amount())));
    }

    private void add(
            MeteredAmount amount,
            Catalogue countedBy,
            Map<String, Product> products,
            UnaryOperator<Product> asSold,
            Both both) {
        Product product = products.get(amount.instance());
        Meter meter = countedBy.meter(amount.meter()).orElseThrow();
        String billedAs = product != null && asSold.apply(product).meter().equals(meter.name())
                ? product.productId()
                : NO_PRODUCT;
        Key key = new Key(meter.name(), billedAs, meter.unit());
        amounts.merge(key, both, Both::plus);
    }

    private Map<String, Product> productsAt(UsageHour hour, List<String> ids) {
        Map<String, Product> products = new HashMap<>();
        for (int from = 0; from < ids.size(); from += INSTANCES_A_QUERY) {
            List<String> some = ids.subList(from, Math.min(ids.size(), from + INSTANCES_A_QUERY));
            Map<InstanceId, InstanceView> known =
                    instances.instances(some.stream().map(InstanceId::new).toList());
            known.forEach((id, view) ->
                    products.put(id.value(), view.life().products().at(hour.start())));
        }
        return products;
    }

    void writeTo(Output.Rows rows) {
        amounts.forEach((key, both) -> rows.add(
                key.meter, key.product, key.unit, both.today, both.simulated, both.simulated.subtract(both.today)));
    }
}
