package io.hourledger.pusher.instances;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.instance.Packages.Balance;
import io.hourledger.ledger.statement.IncompleteInstances;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.instances.ClosedHourPages.ClosedHour;
import io.hourledger.pusher.instances.OpenHours.OpenHour;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Says what an instance has used: hours that are open, provisionally; hours that are closed, with their records; what its packages hold. */
final class InstanceUsage {

    /** A sentence, only if closed hours and records lack events of the instance. Totals and packages come from its state, and lack none. */
    static final String INCOMPLETE = "incomplete";

    private final DataSource database;
    private final IncompleteInstances incomplete;
    private final ClosedHourPages closedHours;
    private final OpenHours openHours;
    private final Catalogue catalogue;
    private final Clock businessTime;

    InstanceUsage(
            DataSource database,
            ClosedHourPages closedHours,
            OpenHours openHours,
            Catalogue catalogue,
            Clock businessTime) {
        this.database = database;
        this.incomplete = new IncompleteInstances(database);
        this.closedHours = closedHours;
        this.openHours = openHours;
        this.catalogue = catalogue;
        this.businessTime = businessTime;
    }

    /**
     * Before which closed hour a page begins: pages go back in time.
     *
     * @param revision of that hour
     */
    record Cursor(Instant hour, int revision) {

        /** Beyond it lie years that no answer names, and that the database does not have. */
        private static final Instant END_OF_TIME = Instant.parse("+10000-01-01T00:00:00Z");

        String text() {
            return Base64.getUrlEncoder().withoutPadding().encodeToString((hour + "\n" + revision).getBytes(UTF_8));
        }

        /** Empty if it is none. */
        static Optional<Cursor> read(String text) {
            try {
                String[] both = new String(Base64.getUrlDecoder().decode(text), UTF_8).split("\n", 2);
                return both.length == 2
                        ? Optional.of(new Cursor(Instant.parse(both[0]), Integer.parseInt(both[1])))
                                .filter(cursor ->
                                        !cursor.hour.isBefore(Instant.EPOCH) && cursor.hour.isBefore(END_OF_TIME))
                        : Optional.empty();
            } catch (IllegalArgumentException | DateTimeException none) {
                return Optional.empty();
            }
        }
    }

    /**
     * @param before null for the newest page, which has the open hours, too
     */
    Map<String, @Nullable Object> of(InstanceView instance, @Nullable Cursor before, int most) {
        String meter = instance.origin().product().meter();
        Optional<Meter> known = catalogue.meter(meter);
        return IndexScansOnly.in(database, () -> {
            String instanceId = instance.instanceId().value();
            List<ClosedHour> closed = closedHours.before(instanceId, before, most + 1);
            boolean more = closed.size() > most;
            List<ClosedHour> page = more ? closed.subList(0, most) : closed;
            Map<String, @Nullable Object> answer = new LinkedHashMap<>();
            answer.put("instanceId", instanceId);
            answer.put("meter", meter);
            answer.put("unit", known.map(Meter::unit).orElse(null));
            answer.put("asOf", businessTime.instant().toString());
            if (before == null) {
                answer.put("openHours", open(instance, known, page));
            }
            answer.put("closedHours", page.stream().map(ClosedHour::answer).toList());
            answer.put(
                    "next",
                    more
                            ? new Cursor(
                                            page.get(most - 1).hour(),
                                            page.get(most - 1).revision())
                                    .text()
                            : null);
            answer.put("packages", packages(instance));
            answer.put("totals", totals(instance));
            incomplete.of(instanceId, null).values().forEach(sentence -> answer.put(INCOMPLETE, sentence));
            return answer;
        });
    }

    /** Without what is shown as closed. */
    private List<Map<String, @Nullable Object>> open(
            InstanceView instance, Optional<Meter> known, List<ClosedHour> closed) {
        if (known.isEmpty()) {
            return List.of();
        }
        return openHours.of(instance.instanceId().value(), known.get().name(), businessTime.instant()).stream()
                .filter(open -> closed.stream().noneMatch(one -> one.hour().equals(open.hour())))
                .map(open -> open(open, known.get()))
                .toList();
    }

    private static Map<String, @Nullable Object> open(OpenHour open, Meter meter) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("hour", open.hour().toString());
        answer.put("provisional", true);
        answer.put("amount", plain(meter.inUnits(open.rawTotal())));
        answer.put("events", open.events());
        answer.put("lastEventAt", open.lastEventAt().toString());
        return answer;
    }

    private static List<Map<String, @Nullable Object>> packages(InstanceView instance) {
        return instance.packages().balances().stream()
                .map(InstanceUsage::ofPackage)
                .toList();
    }

    private static Map<String, @Nullable Object> ofPackage(Balance balance) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("packageInstanceId", balance.packageInstanceId());
        answer.put("contained", plain(balance.contained()));
        answer.put("left", plain(balance.left()));
        answer.put("openedAt", balance.life().openedAt().toString());
        answer.put("releasedAt", InstanceAnswer.text(balance.life().releasedAt()));
        return answer;
    }

    private static Map<String, @Nullable Object> totals(InstanceView instance) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("metered", plain(instance.totals().metered()));
        answer.put("credits", plain(instance.totals().credits()));
        for (Account account : Account.values()) {
            answer.put(account.label(), plain(instance.totals().in(account)));
        }
        return answer;
    }

    /** Amounts are texts, since a number of JSON is read as a double by many. */
    static String plain(BigDecimal amount) {
        return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
    }
}
