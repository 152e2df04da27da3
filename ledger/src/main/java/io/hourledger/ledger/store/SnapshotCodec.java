package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.HourPart;
import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.instance.HourEntry;
import io.hourledger.ledger.instance.InstanceState;
import io.hourledger.ledger.instance.Life;
import io.hourledger.ledger.instance.Origin;
import io.hourledger.ledger.instance.ProductHistory;
import io.hourledger.ledger.instance.ReachedThresholds;
import io.hourledger.ledger.instance.RecentHours;
import io.hourledger.ledger.instance.RecordEntry;
import io.hourledger.ledger.instance.Totals;
import io.hourledger.ledger.instance.WithheldEntry;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The state of an instance as compact JSON. It is a projection: when its form changes, states are folded anew from the events, so it needs no
 * old forms. Serial numbers are not kept; they follow from instance and window.
 */
final class SnapshotCodec {

    /**
     * The number of the form, which stands beside every state. It is raised whenever a state is written in another way, and whenever the same
     * events come to another state. SQL reads {@code origin.meter} and {@code totals.carried}, so these stay where they are.
     */
    static final int FORM = 3;

    /**
     * The oldest form that {@link #read} still understands, and that the same events still come to. A state of an older one is folded anew from
     * its stream, which costs as much as the stream is long.
     */
    static final int OLDEST_READABLE = 3;

    private final JsonMapper mapper = new JsonMapper();

    String write(InstanceState state) {
        ObjectNode json = mapper.createObjectNode();
        Origin origin = state.origin();
        ObjectNode opened = json.putObject("origin")
                .put("order", origin.order().orderId())
                .put("line", origin.order().orderLineId())
                .put("product", origin.product().productId())
                .put("meter", origin.product().meter())
                .put("charging", origin.product().chargingMode().name())
                .put("pricing", origin.product().pricingMode().name())
                .put("cycle", origin.product().billingCycle().name())
                .put("buyer", origin.buyerId())
                .put("test", origin.test());
        if (origin.order().account() != null) {
            opened.put("account", origin.order().account());
        }
        if (origin.openedBy() != null) {
            opened.put("by", origin.openedBy());
        }
        ObjectNode life =
                json.putObject("life").put("opened", state.life().openedAt().toString());
        if (state.life().releasedAt() != null) {
            life.put("released", state.life().releasedAt().toString());
        }
        if (!state.life().pauses().isEmpty()) {
            ArrayNode pauses = life.putArray("pauses");
            for (Life.Pause pause : state.life().pauses()) {
                ArrayNode entry =
                        pauses.addArray().add(pause.reason()).add(pause.from().toString());
                if (pause.to() != null) {
                    entry.add(pause.to().toString());
                }
            }
        }
        if (state.life().pausesKnownFrom() != null) {
            life.put("pausesKnownFrom", state.life().pausesKnownFrom().toString());
        }
        writeProducts(state, life);
        if (!state.laterOrders().isEmpty()) {
            ArrayNode orders = json.putArray("orders");
            state.laterOrders().forEach(orders::add);
        }
        PackageCodec.write(state.packages(), json);
        writeThresholds(state.thresholds(), json);
        ObjectNode totals = json.putObject("totals")
                .put("metered", state.totals().metered().toPlainString())
                .put("credits", state.totals().credits().toPlainString());
        state.totals().accounts().forEach((account, amount) -> totals.put(account.label(), amount.toPlainString()));
        CreditCodec.write(state.credits(), json);
        UsageHour completeFrom = state.recent().completeFrom();
        if (completeFrom != null) {
            json.put("completeFrom", completeFrom.number());
        }
        ArrayNode hours = json.putArray("hours");
        state.recent().hours().values().forEach(hour -> write(hour, hours.addObject()));
        return mapper.writeValueAsString(json);
    }

    /** Most instances have had one product, which stands in the origin. */
    private static void writeProducts(InstanceState state, ObjectNode life) {
        List<ProductHistory.Period> periods = state.life().products().periods();
        if (periods.size() == 1 && periods.getFirst().from().equals(state.life().openedAt())) {
            return;
        }
        ArrayNode products = life.putArray("products");
        for (ProductHistory.Period period : periods) {
            products.addArray()
                    .add(period.from().toString())
                    .add(period.product().productId())
                    .add(period.product().chargingMode().name())
                    .add(period.product().pricingMode().name())
                    .add(period.product().billingCycle().name());
        }
    }

    private static void writeThresholds(ReachedThresholds thresholds, ObjectNode json) {
        if (!thresholds.latest().isEmpty()) {
            ArrayNode latest = json.putArray("thresholds");
            for (ReachedThresholds.Reached reached : thresholds.latest()) {
                ArrayNode entry = latest.addArray()
                        .add(reached.threshold())
                        .add(reached.from().toString())
                        .add(reached.percent());
                if (reached.packageInstanceId() != null) {
                    entry.add(reached.packageInstanceId());
                }
            }
        }
    }

    private static void write(HourEntry hour, ObjectNode json) {
        json.put("hour", hour.hour().number());
        ArrayNode metered = json.putArray("metered");
        hour.metered()
                .forEach((revision, amount) -> metered.addArray().add(revision).add(amount.toPlainString()));
        ArrayNode records = json.putArray("records");
        for (RecordEntry record : hour.records()) {
            ArrayNode entry = records.addArray()
                    .add(record.revision())
                    .add(secondsInto(hour.hour(), record.window().begin()))
                    .add(secondsInto(hour.hour(), record.window().end()))
                    .add(record.amount().toPlainString())
                    .add(record.state().label());
            if (record.packageInstanceId() != null || record.duplicateListed()) {
                entry.add(record.packageInstanceId());
            }
            if (record.duplicateListed()) {
                entry.add(record.duplicateListed());
            }
        }
        writeWithheld(hour, json);
    }

    private static void writeWithheld(HourEntry hour, ObjectNode json) {
        if (hour.withheld().isEmpty()) {
            return;
        }
        ArrayNode withheld = json.putArray("withheld");
        hour.withheld().forEach((revision, entry) -> {
            ArrayNode written = withheld.addArray()
                    .add(revision)
                    .add(entry.amount().toPlainString())
                    .add(entry.nonBillable().toPlainString())
                    .add(entry.reason())
                    .add(entry.fate().name());
            for (HourPart part : entry.parts()) {
                written.addArray()
                        .add(part.from().toString())
                        .add(part.to().toString())
                        .add(part.amount().toPlainString());
            }
        });
    }

    InstanceState read(String instanceId, String text) {
        JsonNode json = mapper.readTree(text);
        return new InstanceState(
                instanceId,
                origin(json.get("origin")),
                texts(json.get("orders")),
                life(json.get("life"), origin(json.get("origin")).product()),
                PackageCodec.read(json),
                totals((ObjectNode) json.get("totals")),
                CreditCodec.read(json),
                new RecentHours(completeFrom(json), hours(instanceId, json.get("hours")), RecentHours.STORED),
                thresholds(json.get("thresholds")));
    }

    private static Origin origin(JsonNode json) {
        return new Origin(
                new OrderLine(
                        json.get("order").asString(),
                        json.get("line").asString(),
                        json.has("account") ? json.get("account").asString() : null),
                new Product(
                        json.get("product").asString(),
                        json.get("meter").asString(),
                        ChargingMode.valueOf(json.get("charging").asString()),
                        PricingMode.valueOf(json.get("pricing").asString()),
                        BillingCycle.valueOf(json.get("cycle").asString())),
                json.get("buyer").asString(),
                json.get("test").asBoolean(),
                json.has("by") ? json.get("by").asString() : null);
    }

    private static ReachedThresholds thresholds(@Nullable JsonNode json) {
        List<ReachedThresholds.Reached> latest = new ArrayList<>();
        if (json != null) {
            for (JsonNode reached : json) {
                latest.add(new ReachedThresholds.Reached(
                        reached.get(0).asString(),
                        Instant.parse(reached.get(1).asString()),
                        reached.size() > 3 ? reached.get(3).asString() : null,
                        reached.get(2).asInt()));
            }
        }
        return new ReachedThresholds(latest);
    }

    private static List<String> texts(@Nullable JsonNode array) {
        List<String> texts = new ArrayList<>();
        if (array != null) {
            array.forEach(node -> texts.add(node.asString()));
        }
        return texts;
    }

    private static Life life(JsonNode json, Product product) {
        List<Life.Pause> pauses = new ArrayList<>();
        JsonNode written = json.get("pauses");
        if (written != null) {
            for (JsonNode pause : written) {
                pauses.add(new Life.Pause(
                        Instant.parse(pause.get(1).asString()),
                        moment(pause.get(2)),
                        pause.get(0).asString()));
            }
        }
        Instant openedAt = Instant.parse(json.get("opened").asString());
        return new Life(
                openedAt,
                moment(json.get("released")),
                pauses,
                moment(json.get("pausesKnownFrom")),
                products(json.get("products"), openedAt, product));
    }

    private static ProductHistory products(@Nullable JsonNode json, Instant openedAt, Product last) {
        if (json == null) {
            return new ProductHistory(List.of(new ProductHistory.Period(openedAt, last)));
        }
        List<ProductHistory.Period> periods = new ArrayList<>();
        for (JsonNode period : json) {
            periods.add(new ProductHistory.Period(
                    Instant.parse(period.get(0).asString()), CreditCodec.product(period, 1, last.meter())));
        }
        return new ProductHistory(periods);
    }

    private static @Nullable UsageHour completeFrom(JsonNode json) {
        JsonNode number = json.get("completeFrom");
        return number == null ? null : UsageHour.ofNumber(number.asLong());
    }

    static @Nullable Instant moment(@Nullable JsonNode text) {
        return text == null ? null : Instant.parse(text.asString());
    }

    private static Totals totals(ObjectNode json) {
        Map<Account, BigDecimal> accounts = new EnumMap<>(Account.class);
        for (Account account : Account.values()) {
            JsonNode amount = json.get(account.label());
            if (amount != null) {
                accounts.put(account, new BigDecimal(amount.asString()));
            }
        }
        return new Totals(
                new BigDecimal(json.get("metered").asString()),
                new BigDecimal(json.get("credits").asString()),
                accounts);
    }

    private static SortedMap<UsageHour, HourEntry> hours(String instanceId, JsonNode json) {
        SortedMap<UsageHour, HourEntry> hours = new TreeMap<>();
        for (JsonNode node : json) {
            UsageHour hour = UsageHour.ofNumber(node.get("hour").asLong());
            SortedMap<Integer, BigDecimal> metered = new TreeMap<>();
            for (JsonNode entry : node.get("metered")) {
                metered.put(entry.get(0).asInt(), new BigDecimal(entry.get(1).asString()));
            }
            List<RecordEntry> records = new ArrayList<>();
            for (JsonNode entry : node.get("records")) {
                records.add(record(instanceId, hour, entry));
            }
            hours.put(hour, new HourEntry(hour, metered, records, withheld(node.get("withheld"))));
        }
        return hours;
    }

    private static SortedMap<Integer, WithheldEntry> withheld(@Nullable JsonNode json) {
        SortedMap<Integer, WithheldEntry> withheld = new TreeMap<>();
        if (json != null) {
            for (JsonNode entry : json) {
                withheld.put(
                        entry.get(0).asInt(),
                        new WithheldEntry(
                                new BigDecimal(entry.get(1).asString()),
                                new BigDecimal(entry.get(2).asString()),
                                entry.get(3).asString(),
                                parts(entry),
                                WithheldEntry.Fate.valueOf(entry.get(4).asString())));
            }
        }
        return withheld;
    }

    /** They stand behind what every entry has. */
    private static List<HourPart> parts(JsonNode entry) {
        List<HourPart> parts = new ArrayList<>();
        for (int i = 5; i < entry.size(); i++) {
            JsonNode part = entry.get(i);
            parts.add(new HourPart(
                    Instant.parse(part.get(0).asString()),
                    Instant.parse(part.get(1).asString()),
                    new BigDecimal(part.get(2).asString())));
        }
        return parts;
    }

    private static RecordEntry record(String instanceId, UsageHour hour, JsonNode entry) {
        UsageWindow window = new UsageWindow(
                hour.start().plusSeconds(entry.get(1).asLong()),
                hour.start().plusSeconds(entry.get(2).asLong()));
        return new RecordEntry(
                MeteringSn.of(instanceId, window),
                entry.get(0).asInt(),
                window,
                new BigDecimal(entry.get(3).asString()),
                Account.labelled(entry.get(4).asString()),
                entry.size() > 5 && !entry.get(5).isNull() ? entry.get(5).asString() : null,
                entry.size() > 6 && entry.get(6).asBoolean());
    }

    private static long secondsInto(UsageHour hour, Instant moment) {
        return moment.getEpochSecond() - hour.start().getEpochSecond();
    }
}
