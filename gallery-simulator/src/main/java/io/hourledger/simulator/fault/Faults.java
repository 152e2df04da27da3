package io.hourledger.simulator.fault;

import io.hourledger.simulator.fault.Fault.Chance;
import io.hourledger.simulator.fault.Fault.Hits;
import io.hourledger.simulator.fault.Fault.Parameters;
import io.hourledger.simulator.fault.Fault.Target;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * The orders to misbehave, kept in the database with their place in their seeded sequence, so that a simulator killed in the middle goes
 * on with the same sequence and the same bound.
 */
@Component
public final class Faults {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String ALL = "select * from gallery.fault order by fault_id";
    private static final String ADD =
            """
            insert into gallery.fault (kind, target, probability, seed, remaining, parameters)
            values (:kind, :target, :probability, :seed, :remaining, :parameters::jsonb)
            returning fault_id""";
    private static final String KEEP =
            """
            update gallery.fault set seen = :seen, done = :done, remaining = :remaining
             where fault_id = :id""";
    private static final String STOP = "update gallery.fault set active = false where active";
    private static final String STOP_ONE = "update gallery.fault set active = false where active and fault_id = :id";

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private List<Fault> faults;

    Faults(JdbcClient database, TransactionTemplate transaction) {
        this.database = database;
        this.transaction = transaction;
        this.faults = load();
    }

    public synchronized Fault add(
            Misbehaviour kind, Target target, double probability, long seed, int count, Parameters parameters) {
        long id = database.sql(ADD)
                .param("kind", kind.name())
                .param("target", target.name())
                .param("probability", probability)
                .param("seed", seed)
                .param("remaining", count)
                .param("parameters", JSON.writeValueAsString(parameters))
                .query(Long.class)
                .single();
        faults = load();
        return faults.stream().filter(fault -> fault.faultId() == id).findAny().orElseThrow();
    }

    /** All there ever were, stopped and used-up ones included. */
    public synchronized List<Fault> all() {
        return List.copyOf(faults);
    }

    public synchronized int stopAll() {
        int stopped = database.sql(STOP).update();
        faults = load();
        return stopped;
    }

    public synchronized boolean stop(long faultId) {
        int stopped = database.sql(STOP_ONE).param("id", faultId).update();
        faults = load();
        return stopped == 1;
    }

    /** What goes wrong with this call. What was decided is kept before it is returned. */
    public Optional<Fault> nextCall(Target target) {
        return nextCall(target, 1);
    }

    /**
     * The same of a call that carries records.
     *
     * @param records how many
     */
    public synchronized Optional<Fault> nextCall(Target target, int records) {
        List<Fault> looked = new ArrayList<>();
        Fault hit = null;
        for (Fault fault : faults) {
            if (isOn(fault)
                    && fault.target() == target
                    && !fault.kind().isAskedForAlone()
                    && fault.isOfCallsWith(records)
                    && hit == null) {
                boolean isHit = fault.hits(fault.hits().seen());
                looked.add(advanced(fault, 1, isHit ? 1 : 0));
                hit = isHit ? fault : null;
            }
        }
        keep(looked);
        return Optional.ofNullable(hit);
    }

    /** What a call that goes above half of the announced rate meets; empty unless the rate is halved in secret. */
    public synchronized Optional<Fault> hiddenHalving() {
        return faults.stream()
                .filter(fault -> isOn(fault) && fault.kind() == Misbehaviour.HIDDEN_HALVING)
                .findFirst();
    }

    /** Counts a call that it hit. */
    public synchronized void hit(Fault fault) {
        faults.stream()
                .filter(known -> known.faultId() == fault.faultId() && isOn(known))
                .findAny()
                .ifPresent(known -> keep(List.of(advanced(known, 1, 1))));
    }

    /** One of them as it stands. */
    public synchronized Fault find(long faultId) {
        return faults.stream()
                .filter(fault -> fault.faultId() == faultId)
                .findAny()
                .orElseThrow();
    }

    /** Which accepted record will show as rejected later; to be called inside the transaction that stores the record. */
    public synchronized Optional<Fault> laterRejectionOf(String meteringSn) {
        for (Fault fault : faults) {
            if (isOn(fault) && fault.kind() == Misbehaviour.REJECT_LATER && fault.hits(number(meteringSn))) {
                keep(List.of(advanced(fault, 1, 1)));
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }

    private static boolean isOn(Fault fault) {
        return fault.active() && fault.remaining() > 0;
    }

    private static long number(String meteringSn) {
        CRC32 crc = new CRC32();
        crc.update(meteringSn.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }

    private static Fault advanced(Fault fault, int seen, int done) {
        return new Fault(
                fault.faultId(),
                fault.kind(),
                fault.target(),
                fault.chance(),
                fault.remaining() - done,
                fault.parameters(),
                new Hits(fault.hits().seen() + seen, fault.hits().done() + done),
                fault.active());
    }

    private void keep(List<Fault> advanced) {
        if (advanced.isEmpty()) {
            return;
        }
        transaction.executeWithoutResult(status -> advanced.forEach(fault -> database.sql(KEEP)
                .param("seen", fault.hits().seen())
                .param("done", fault.hits().done())
                .param("remaining", fault.remaining())
                .param("id", fault.faultId())
                .update()));
        List<Fault> next = new ArrayList<>();
        for (Fault fault : faults) {
            next.add(advanced.stream()
                    .filter(moved -> moved.faultId() == fault.faultId())
                    .findAny()
                    .orElse(fault));
        }
        faults = next;
    }

    private List<Fault> load() {
        return database.sql(ALL)
                .query((row, number) -> new Fault(
                        row.getLong("fault_id"),
                        Misbehaviour.valueOf(row.getString("kind")),
                        Target.valueOf(row.getString("target")),
                        new Chance(row.getDouble("probability"), row.getLong("seed")),
                        row.getInt("remaining"),
                        JSON.readValue(row.getString("parameters"), Parameters.class),
                        new Hits(row.getLong("seen"), row.getLong("done")),
                        row.getBoolean("active")))
                .list();
    }
}
