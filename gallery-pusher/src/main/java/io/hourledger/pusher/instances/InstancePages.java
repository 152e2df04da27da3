package io.hourledger.pusher.instances;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.instances.InstancesSettings.AppKeySettings;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Lists instances page by page, product by product, by their ids. A page costs descents of an index and its own rows, however many instances
 * there are. What changes between two pages moves no other instance to another page.
 */
final class InstancePages {

    /** The most products that one page looks into; behind that it ends early. */
    private static final int MOST_PRODUCTS = 50;

    /** Nothing else has the order: no plan walks another index, or reads all and sorts it. */
    private static final String ORDER_BY_INDEX_ALONE = "select set_config('enable_sort', 'off', true)";

    /** Takes a state. Bounds instead of equal values, so that the order asked for is that of one index. */
    private static final String IN_STATE =
            """
            select instance_id from ledger.instance
             where (product_id, %1$s, instance_id) > (:product, '%2$s', :after)
               and (product_id, %1$s) <= (:product, '%2$s')
             order by product_id, %1$s, instance_id limit :most""";

    private static final String OF_BUYER =
            """
            select instance_id from ledger.instance
             where (buyer_id, product_id, instance_id) > (:buyer, :product, :after)
               and (buyer_id, product_id) <= (:buyer, :product)
               and (:state::text is null or %1$s = :state)
             order by buyer_id, product_id, instance_id limit :most"""
                    .formatted(LifeState.SQL);

    private final DataSource database;
    private final JdbcClient jdbc;
    private final LedgerQueries queries;

    InstancePages(DataSource database, LedgerQueries queries) {
        this.database = database;
        this.jdbc = JdbcClient.create(database);
        this.queries = queries;
    }

    /**
     * What is asked for.
     *
     * @param product null for all that the app sees
     * @param buyer null for all
     * @param state null for all
     * @param account the seller account that they were ordered from; null for all. A page may then have fewer than it could
     */
    record Filter(
            @Nullable String product, @Nullable String buyer, @Nullable LifeState state, @Nullable String account) {

        private boolean isOfAccount(InstanceView instance) {
            return account == null || account.equals(instance.origin().order().account());
        }
    }

    /**
     * Behind which instance a page begins. The text of it is for us alone.
     *
     * @param instanceId empty before the first of the product
     */
    record Cursor(String product, String instanceId) {

        String text() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString((product + "\n" + instanceId).getBytes(UTF_8));
        }

        /** Empty if it is none. */
        static Optional<Cursor> read(String text) {
            try {
                String both = new String(Base64.getUrlDecoder().decode(text), UTF_8);
                int mark = both.indexOf('\n');
                return mark > 0
                                && both.codePoints()
                                                .filter(Character::isISOControl)
                                                .count()
                                        == 1
                        ? Optional.of(new Cursor(both.substring(0, mark), both.substring(mark + 1)))
                        : Optional.empty();
            } catch (IllegalArgumentException notBase64) {
                return Optional.empty();
            }
        }
    }

    /**
     * A page.
     *
     * @param next where the next one begins; null behind the last
     */
    record Page(List<InstanceView> instances, @Nullable Cursor next) {}

    /**
     * @param after null for the first page
     */
    Page page(AppKeySettings key, Filter filter, @Nullable Cursor after, int most) {
        return IndexScansOnly.in(database, () -> {
            jdbc.sql(ORDER_BY_INDEX_ALONE).query().singleRow();
            Found found = find(products(key, filter, after), filter, after, most);
            Map<InstanceId, InstanceView> views =
                    queries.instances(found.ids().stream().map(InstanceId::new).toList());
            return new Page(
                    found.ids().stream()
                            .map(id -> views.get(new InstanceId(id)))
                            .filter(Objects::nonNull)
                            .filter(filter::isOfAccount)
                            .toList(),
                    found.next());
        });
    }

    /** The ids of a page. */
    private record Found(List<String> ids, @Nullable Cursor next) {}

    private Found find(Iterator<String> products, Filter filter, @Nullable Cursor after, int most) {
        List<String> ids = new ArrayList<>();
        for (int looked = 0; products.hasNext(); looked++) {
            String product = products.next();
            String behind = after != null && after.product().equals(product) ? after.instanceId() : "";
            if (looked == MOST_PRODUCTS) {
                return new Found(ids, new Cursor(product, behind));
            }
            List<String> some = ids(product, filter, behind, most + 1 - ids.size());
            ids.addAll(some);
            if (ids.size() > most) {
                ids.remove(most);
                String last = some.size() == 1 ? behind : some.get(some.size() - 2);
                return new Found(ids, new Cursor(product, last));
            }
        }
        return new Found(ids, null);
    }

    private List<String> ids(String product, Filter filter, String behind, int most) {
        JdbcClient.StatementSpec query = filter.buyer() == null
                ? jdbc.sql(filter.state() == null ? inAnyState() : inState(filter.state()))
                : jdbc.sql(OF_BUYER)
                        .param("buyer", filter.buyer())
                        .param(
                                "state",
                                filter.state() == null ? null : filter.state().label(),
                                Types.VARCHAR);
        return query.param("product", product)
                .param("after", behind)
                .param("most", most)
                .query(String.class)
                .list();
    }

    private static String inState(LifeState state) {
        return IN_STATE.formatted(LifeState.SQL, state.label());
    }

    private static String inAnyState() {
        return Arrays.stream(LifeState.values())
                .map(state -> "(" + inState(state) + ")")
                .collect(Collectors.joining(" union all ", "", " order by instance_id limit :most"));
    }

    private Iterator<String> products(AppKeySettings key, Filter filter, @Nullable Cursor after) {
        String first = after == null ? "" : after.product();
        if (filter.product() != null) {
            return key.sees(filter.product())
                    ? List.of(filter.product()).iterator()
                    : List.<String>of().iterator();
        }
        return key.seesAll()
                ? new EveryProduct(first)
                : new TreeSet<>(key.products()).tailSet(first, true).iterator();
    }

    /** All products that an instance has, in order, each found by one descent of an index. */
    private final class EveryProduct implements Iterator<String> {

        private @Nullable String next;

        EveryProduct(String first) {
            this.next = at("product_id >= :product", first);
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public String next() {
            String product = Objects.requireNonNull(next);
            next = at("product_id > :product", product);
            return product;
        }

        private @Nullable String at(String where, String product) {
            return jdbc.sql("select product_id from ledger.instance where " + where + " order by product_id limit 1")
                    .param("product", product)
                    .query(String.class)
                    .optional()
                    .orElse(null);
        }
    }
}
