package io.hourledger.cli.ledger;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.aggregator.recount.RawEvent;
import io.hourledger.aggregator.recount.Recount;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.seal.ProofSelection.Named;
import io.hourledger.ledger.statement.MeteredHours;
import io.hourledger.ledger.statement.RecordTrace;
import io.hourledger.ledger.statement.RecordTrace.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.kafka.common.KafkaException;

/** The usage events of a record's own hour, as the log has them. They are not under the seal: the seller signs them with the proof. */
final class ProofUsage {

    private final LedgerDatabase.Open ledger;
    private final UsageLogPlace place;

    ProofUsage(LedgerDatabase.Open ledger, UsageLogPlace place) {
        this.ledger = ledger;
        this.place = place;
    }

    /** Adds the events, or why they are not shown. */
    void writeTo(ProofFile proof, Named record) throws IOException {
        List<Map<String, Object>> lines = new ArrayList<>();
        Optional<String> missing = read(record, lines);
        if (missing.isPresent()) {
            proof.add("notShown", "the usage events: " + missing.get());
            return;
        }
        for (Map<String, Object> line : lines) {
            proof.add("usageEvent", line);
        }
    }

    private Optional<String> read(Named record, List<Map<String, Object>> lines) {
        List<Source> own = new RecordTrace(ledger.jdbc(), ledger.transactions())
                .trace(new MeteringSn(record.meteringSn())).stream()
                        .flatMap(traced -> traced.sources().stream())
                        .filter(Source::own)
                        .toList();
        if (own.size() != 1) {
            return Optional.of("the ledger has no hour for the record");
        }
        Source source = own.getFirst();
        Optional<HourMetered> metered = new MeteredHours(ledger.dataSource())
                .of(new InstanceId(record.instanceId()), new UsageHour(source.hour()), source.revision());
        if (metered.isEmpty()) {
            return Optional.of("the ledger has no event of the hour");
        }
        try (UsageLogPlace.Kafka kafka = place.open(ledger)) {
            SortedMap<Integer, HourRecount> recounts = kafka.recounts(ledger.dataSource());
            HourRecount recount = recounts.get(source.catalogueVersion());
            if (recount == null) {
                return Optional.of("version " + source.catalogueVersion() + " of the catalogue is not at hand");
            }
            return whyNot(recount.trace(metered.get(), event -> {
                if (event.counted()) {
                    lines.add(members(source, event));
                }
            }));
        } catch (UsageLogPlace.KafkaMissingException
                | StoreUnavailableException
                | KafkaException
                | IllegalStateException
                | org.springframework.dao.DataAccessException unavailable) {
            return Optional.of(String.valueOf(unavailable.getMessage()));
        }
    }

    private static Optional<String> whyNot(Recount<Long> outcome) {
        return switch (outcome) {
            case Recount.Counted<Long> _ -> Optional.empty();
            case Recount.Differs<Long>(String detail) -> Optional.of("the log says something else: " + detail);
            case Recount.LogGone<Long>(String detail) -> Optional.of("Kafka no longer keeps them: " + detail);
            case Recount.NotOver<Long>(String detail) -> Optional.of(detail);
            case Recount.NoRoom<Long>(String detail) -> Optional.of(detail);
        };
    }

    private static Map<String, Object> members(Source source, RawEvent event) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("hour", source.hour().toString());
        members.put("revision", source.revision());
        members.put("offset", event.offset());
        members.put("source", event.source());
        members.put("id", event.id());
        members.put("time", event.at().toString());
        members.put("receivedAt", event.recordedAt().toString());
        members.put("quantity", event.quantity().toPlainString());
        return members;
    }
}
