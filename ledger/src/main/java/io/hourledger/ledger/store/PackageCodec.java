package io.hourledger.ledger.store;

import io.hourledger.ledger.instance.PackageLife;
import io.hourledger.ledger.instance.Packages;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The packages in the snapshot of an instance: most have none. */
final class PackageCodec {

    private PackageCodec() {}

    static void write(Packages packages, ObjectNode json) {
        if (packages.prepaidSince() == null) {
            return;
        }
        json.put("prepaidSince", packages.prepaidSince().toString());
        json.put("packagesForgotten", packages.forgotten());
        ArrayNode balances = json.putArray("packages");
        for (Packages.Balance balance : packages.balances()) {
            ArrayNode entry = balances.addArray()
                    .add(balance.packageInstanceId())
                    .add(balance.contained().toPlainString())
                    .add(balance.left().toPlainString())
                    .add(balance.noticed())
                    .add(balance.life().openedAt().toString());
            ArrayNode spans = entry.addArray();
            for (PackageLife.Span span : balance.life().drawable()) {
                spans.add(span.from().toString());
                if (span.to() != null) {
                    spans.add(span.to().toString());
                }
            }
            ArrayNode stops = entry.addArray();
            balance.life().stops().stream().sorted().forEach(stop -> stops.add(stop.label()));
            entry.add(balance.life().renewedBy());
            if (balance.life().releasedAt() != null) {
                entry.add(balance.life().releasedAt().toString());
            }
        }
    }

    static Packages read(JsonNode json) {
        JsonNode written = json.get("packages");
        if (written == null) {
            return new Packages(List.of(), 0, null);
        }
        List<Packages.Balance> balances = new ArrayList<>();
        for (JsonNode balance : written) {
            balances.add(new Packages.Balance(
                    balance.get(0).asString(),
                    new BigDecimal(balance.get(1).asString()),
                    new BigDecimal(balance.get(2).asString()),
                    balance.get(3).asBoolean(),
                    new PackageLife(
                            Instant.parse(balance.get(4).asString()),
                            spans(balance.get(5)),
                            stops(balance.get(6)),
                            balance.get(7).isNull() ? null : balance.get(7).asString(),
                            SnapshotCodec.moment(balance.get(8)))));
        }
        return new Packages(
                balances, json.get("packagesForgotten").asInt(), SnapshotCodec.moment(json.get("prepaidSince")));
    }

    private static Set<PackageLife.Stop> stops(JsonNode labels) {
        Set<PackageLife.Stop> stops = EnumSet.noneOf(PackageLife.Stop.class);
        for (JsonNode label : labels) {
            stops.add(PackageLife.Stop.labelled(label.asString()));
        }
        return stops;
    }

    /** The last one lasts if its end is missing. */
    private static List<PackageLife.Span> spans(JsonNode moments) {
        List<PackageLife.Span> spans = new ArrayList<>();
        for (int i = 0; i < moments.size(); i += 2) {
            spans.add(new PackageLife.Span(
                    Instant.parse(moments.get(i).asString()), SnapshotCodec.moment(moments.get(i + 1))));
        }
        return spans;
    }
}
