package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.koogallery.TrialCall.Reply;
import io.hourledger.pusher.marketplace.AccountTrial;
import io.hourledger.pusher.marketplace.OrderLookup;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Tries a seller account's way to KooGallery before its first record (decision 36). Its calls carry an empty list of usage records, so there is
 * nothing in them that could be billed. Nothing is stored, and no record of the ledger is touched.
 */
public final class KooGalleryAccountTrial implements AccountTrial {

    /** A debugging order that query order answers on the real marketplace (koogallery.md, section 3). */
    private static final String DEBUG_ORDER = "MOCKONDEMAND";

    /** The only tolerance that the pages give, and that is for callbacks (koogallery.md, sections 1.2 and 4.2). */
    private static final Duration CALLBACK_TOLERANCE = Duration.ofSeconds(60);

    /** The header has whole seconds, and a call takes some. */
    private static final Duration NO_DIFFERENCE = Duration.ofSeconds(5);

    private static final byte[] NO_RECORDS = new KooGalleryRecordFormat().body(List.of());

    private final List<URI> hosts;
    private final SellerKeys keys;
    private final OrderLookup orders;
    private final TrialCall calls;

    /**
     * @param hosts the first is that of usage push
     * @param keys of the account
     * @param orders query order with the account's AK and SK
     */
    KooGalleryAccountTrial(List<URI> hosts, SellerKeys keys, OrderLookup orders, TrialCall calls) {
        this.hosts = List.copyOf(hosts);
        this.keys = keys;
        this.orders = orders;
        this.calls = calls;
    }

    /**
     * @param hosts the first is that of usage push
     * @param keys of the account
     * @param orders query order with the account's AK and SK
     * @param connectTimeout for making a connection
     * @param answerTimeout from sending to the last byte of the answer
     * @param machineTime the machine's clock, which signs and is compared
     */
    public static KooGalleryAccountTrial of(
            List<URI> hosts,
            SellerKeys keys,
            OrderLookup orders,
            Duration connectTimeout,
            Duration answerTimeout,
            Clock machineTime) {
        return new KooGalleryAccountTrial(
                hosts, keys, orders, new TrialCall(connectTimeout, answerTimeout, machineTime));
    }

    @Override
    public List<Check> run(boolean withRecord) {
        List<Check> checks = new ArrayList<>();
        Reply first = calls.send(hosts.getFirst(), NO_RECORDS, keys.newest());
        checks.add(host(hosts.getFirst(), first));
        for (URI fallback : hosts.subList(1, hosts.size())) {
            checks.add(host(fallback, calls.send(fallback, NO_RECORDS, keys.newest())));
        }
        checks.add(clock(first));
        Reply nobodys = calls.send(
                hosts.getFirst(), NO_RECORDS, new SellerKey(UUID.randomUUID().toString()));
        Check newest = key("seller-key", first, nobodys);
        checks.add(newest);
        keys.besides(keys.newest())
                .ifPresent(before ->
                        checks.add(key("old-seller-key", calls.send(hosts.getFirst(), NO_RECORDS, before), nobodys)));
        checks.add(accessKey(orders.queryWhole(DEBUG_ORDER)));
        checks.add(recordForm(withRecord, newest.state()));
        return List.copyOf(checks);
    }

    private static Check host(URI host, Reply reply) {
        String what = "host " + host.getHost();
        return switch (reply) {
            case Reply.None(String why) ->
                new Check(
                        what,
                        State.NOT_OK,
                        "no answer: " + why,
                        "see base-url and fallback-url, name service, firewall, proxy and trusted certificates");
            case Reply.Answered answered
            when answered.code().isEmpty() ->
                new Check(
                        what,
                        State.NOT_KNOWN,
                        "HTTP " + answered.status() + " without a code of the marketplace",
                        "see whether base-url and fallback-url are the addresses of usage push, and try again");
            case Reply.Answered answered -> new Check(what, State.OK, answered.text(), "");
        };
    }

    private static Check clock(Reply reply) {
        Duration ahead = reply instanceof Reply.Answered answered ? answered.clockAhead() : null;
        if (ahead == null) {
            return new Check(
                    "clock",
                    State.NOT_KNOWN,
                    "the answer has no Date",
                    "see that chrony or the like runs on this machine");
        }
        String found = "this machine is " + ahead.abs().toSeconds() + " s "
                + (ahead.isNegative() ? "behind" : "ahead of") + " the marketplace";
        if (ahead.abs().compareTo(NO_DIFFERENCE) <= 0) {
            return new Check("clock", State.OK, found, "");
        }
        return new Check(
                "clock",
                ahead.abs().compareTo(CALLBACK_TOLERANCE) <= 0 ? State.NOT_KNOWN : State.NOT_OK,
                found,
                "set the clock: no page says which difference usage push bears, and callbacks bear 60 s");
    }

    /** A key is good only if another key is refused in the same call: else nobody has looked at the signature. */
    private static Check key(String what, Reply reply, Reply nobodys) {
        if (!(reply instanceof Reply.Answered answered)) {
            return new Check(what, State.NOT_KNOWN, "no answer", "mend the host first");
        }
        if (answered.isWrongSignature()) {
            return new Check(
                    what,
                    State.NOT_OK,
                    answered.text(),
                    "compare it with the interconnection key of the seller console, and see the line of the clock");
        }
        if (answered.isNotAllowed()) {
            return new Check(what, State.NOT_OK, answered.text(), "ask the marketplace for the right to usage push");
        }
        if (!answered.hasTakenSignature()) {
            return new Check(what, State.NOT_KNOWN, answered.text(), "try again later");
        }
        if (nobodys instanceof Reply.Answered other && other.isWrongSignature()) {
            return new Check(
                    what, State.OK, answered.text() + ", and " + other.text() + " for a key that nobody has", "");
        }
        return new Check(
                what,
                State.NOT_KNOWN,
                answered.text() + ", and no refusal of the signature for a key that nobody has",
                "this marketplace looks at the signature later: the first record will show it");
    }

    private static Check accessKey(OrderLookup.Answer answer) {
        String what = "access-key";
        return switch (answer) {
            case OrderLookup.Answer.Found _ ->
                new Check(what, State.OK, "query order answers for the debugging order " + DEBUG_ORDER, "");
            case OrderLookup.Answer.NotAllowed(String code, String message) ->
                new Check(
                        what,
                        State.NOT_OK,
                        code + " " + message,
                        "compare access-key and secret-key with the AK and SK of the seller's cloud account");
            case OrderLookup.Answer.Refused(String code, String message) ->
                new Check(
                        what,
                        State.NOT_KNOWN,
                        code + " " + message + " for the debugging order " + DEBUG_ORDER,
                        "place a debugging order: newInstance of V2.0 looks its order up");
            case OrderLookup.Answer.Unavailable(String why) ->
                new Check(what, State.NOT_KNOWN, "no answer: " + why, "mend the host first, and try again");
        };
    }

    private Check recordForm(boolean withRecord, State key) {
        String what = "record form";
        if (!withRecord) {
            return new Check(
                    what,
                    State.NOT_KNOWN,
                    "not tried: no call carried a record",
                    "say --record to send one record of an instance that nobody has");
        }
        if (key != State.OK) {
            return new Check(what, State.NOT_KNOWN, "not tried: the key is not known to be good", "mend it first");
        }
        TrialRecord trial = TrialRecord.drawn(calls.now());
        return trial.check(what, calls.send(hosts.getFirst(), trial.body(), keys.newest()));
    }
}
