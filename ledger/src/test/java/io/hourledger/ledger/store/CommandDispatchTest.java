package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.EGRESS;
import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.NoticeThresholdReached;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceCommand.WithdrawPackage;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.ThresholdRef;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.Given;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Axon finds a handler when a command comes, not when it is compiled. So one command of each kind goes the way of a single one. */
@Tag("servers")
class CommandDispatchTest {

    private final TestLedger ledger = new TestLedger();

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void a_command_alone_and_in_a_batch_is_decided_the_same() {
        for (Function<String, InstanceCommand> command : oneOfEachKind()) {
            Decision alone = ledger.ledger.handle(command.apply("alone"));
            Decision inBatch =
                    ledger.ledger.handleAll(List.of(command.apply("batch"))).get(0);
            assertThat(said(alone)).as("%s", command.apply("alone")).isEqualTo(said(inBatch));
        }
    }

    @Test
    void a_command_for_an_unknown_instance_is_decided_too() {
        for (Function<String, InstanceCommand> command :
                oneOfEachKind().subList(1, oneOfEachKind().size())) {
            assertThat(ledger.ledger.handle(command.apply("nobody"))).isEqualTo(new Decision.UnknownInstance());
        }
    }

    @Test
    void every_kind_of_command_is_among_them() {
        assertThat(oneOfEachKind().stream()
                        .<Class<?>>map(command -> command.apply("i").getClass()))
                .containsExactlyInAnyOrderElementsOf(
                        kinds(InstanceCommand.class).toList());
    }

    private static Stream<Class<?>> kinds(Class<?> sealed) {
        return sealed.isSealed()
                ? Arrays.stream(sealed.getPermittedSubclasses()).flatMap(CommandDispatchTest::kinds)
                : Stream.of(sealed);
    }

    /** In an order in which most of them have something to change. */
    private static List<Function<String, InstanceCommand>> oneOfEachKind() {
        List<Function<String, InstanceCommand>> commands = new ArrayList<>();
        commands.add(Given::open);
        commands.add(id -> Given.meter(id, 1, "1.23456"));
        commands.add(id -> Given.doubt(id, sn(id, 1)));
        commands.add(id -> Given.settle(id, sn(id, 1), true));
        commands.add(id -> Given.report(id, sn(id, 1)));
        commands.add(id -> Given.refuse(id, sn(id, 1)));
        commands.add(id -> Given.dispute(id, sn(id, 1)));
        commands.add(id -> Given.reissue(id, sn(id, 1)));
        commands.add(id -> Given.writeOff(id, sn(id, 1)));
        commands.add(id -> Given.recount(id, 1));
        commands.add(id -> Given.billWithheld(id, 1, 0));
        commands.add(id -> Given.writeOffWithheld(id, 1, 0));
        commands.add(id -> Given.addPackage(id, "pkg-" + id, "5000"));
        commands.add(id -> Given.notice(id, "pkg-" + id));
        commands.add(id -> Given.freezePackage(id, "pkg-" + id, at(2, 0)));
        commands.add(id -> Given.unfreezePackage(id, "pkg-" + id, at(2, 60)));
        commands.add(id -> Given.expirePackage(id, "pkg-" + id, at(2, 70)));
        commands.add(id -> Given.renewPackage(id, "pkg-" + id, "ORDER-4", at(2, 80)));
        commands.add(id -> Given.releasePackage(id, "pkg-" + id, at(2, 90)));
        commands.add(id -> new WithdrawPackage(new InstanceId(id), "pkg-" + id, Given.FINANCE, at(2, 95)));
        commands.add(id -> new NoticeThresholdReached(
                new InstanceId(id),
                new ThresholdRef("daily", "day", at(0, 0), at(24, 0)),
                80,
                new BigDecimal("10"),
                new BigDecimal("8"),
                false,
                at(2, 96)));
        commands.add(id -> Given.freeze(id, at(2, 0)));
        commands.add(id -> Given.unfreeze(id, at(2, 60)));
        commands.add(id -> Given.expire(id, at(3, 0)));
        commands.add(id -> Given.renew(id, "ORDER-2", at(3, 60)));
        commands.add(id -> new UpgradeInstance(new InstanceId(id), "ORDER-3", EGRESS, at(4, 0)));
        commands.add(id -> Given.release(id, at(5, 0)));
        commands.add(Given::writeOffRemainder);
        return commands;
    }

    private static List<Object> said(Decision decision) {
        return switch (decision) {
            case Decision.Done(List<InstanceEvent> events) ->
                events.stream().<Object>map(Object::getClass).toList();
            case Decision.Refused(String rule, String _) -> List.of(rule);
            case Decision.AlreadyDone _, Decision.UnknownInstance _ -> List.of(decision);
        };
    }
}
