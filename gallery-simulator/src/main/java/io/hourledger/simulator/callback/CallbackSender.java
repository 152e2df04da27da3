package io.hourledger.simulator.callback;

import io.hourledger.simulator.callback.CallbackProbes.Probe;
import io.hourledger.simulator.callback.SellerClient.Signing;
import io.hourledger.simulator.fault.Fault;
import io.hourledger.simulator.fault.Fault.Target;
import io.hourledger.simulator.fault.Faults;
import io.hourledger.simulator.fault.Misbehaviour;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Sends calls to the seller, and beside them what faults of the target {@code callback} ask for; what he makes of that is kept. */
@Component
class CallbackSender {

    private static final Duration STALE = Duration.ofMinutes(10);

    private final SellerClient seller;
    private final Faults faults;
    private final CallbackProbes probes;

    CallbackSender(SellerClient seller, Faults faults, CallbackProbes probes) {
        this.seller = seller;
        this.faults = faults;
        this.probes = probes;
    }

    /** What goes wrong with a call that is about to go out. An opening can be no later than what it opens. */
    Optional<Misbehaviour> fault(Callback callback) {
        return faults.nextCall(Target.CALLBACK)
                .map(Fault::kind)
                .filter(kind -> kind != Misbehaviour.REORDERED_CALL || callback.activity() != Activity.NEW_INSTANCE);
    }

    /** Whether the call lets later ones of its line go before it. */
    static boolean isHeldBack(Optional<Misbehaviour> fault) {
        return fault.filter(Misbehaviour.REORDERED_CALL::equals).isPresent();
    }

    /** Calls the seller. The answer is that to the right call. */
    SellerAnswer call(Callback callback, URI url, Optional<Misbehaviour> fault) {
        Signing right = seller.rightly();
        if (fault.filter(Misbehaviour.FORGED_CALL::equals).isPresent()) {
            probe(callback, url, Misbehaviour.FORGED_CALL, new Signing(right.key() + "-of-another", right.at()));
        }
        if (fault.filter(Misbehaviour.STALE_CALL::equals).isPresent()) {
            probe(
                    callback,
                    url,
                    Misbehaviour.STALE_CALL,
                    new Signing(right.key(), right.at().minus(STALE)));
        }
        HttpRequest request = request(callback, url, right);
        SellerAnswer answer = seller.send(request);
        if (fault.filter(Misbehaviour.REPEATED_CALL::equals).isPresent()) {
            SellerAnswer again = seller.send(request);
            keep(callback, Misbehaviour.REPEATED_CALL, again, again.equals(answer));
        }
        return answer;
    }

    /** Asks for the instance that a call opens. */
    SellerAnswer query(Callback callback, String instanceId, URI url) {
        return seller.call(
                url,
                callback.content().generation(),
                "queryInstance",
                Map.of("instanceId", instanceId),
                callback.content().test());
    }

    private void probe(Callback callback, URI url, Misbehaviour kind, Signing signing) {
        SellerAnswer answer = seller.send(request(callback, url, signing));
        keep(
                callback,
                kind,
                answer,
                answer instanceof SellerAnswer.Signed(String code, JsonNode _) && code.equals("000001"));
    }

    private HttpRequest request(Callback callback, URI url, Signing signing) {
        return seller.request(
                url,
                callback.content().generation(),
                SellerClient.said(
                        callback.word(), callback.body(), callback.content().test()),
                signing);
    }

    private void keep(Callback callback, Misbehaviour kind, SellerAnswer answer, boolean right) {
        String said =
                switch (answer) {
                    case SellerAnswer.Signed(String code, JsonNode _) -> code;
                    case SellerAnswer.Unusable(String why) -> why;
                };
        probes.keep(new Probe(callback.callbackId(), callback.word(), kind.word(), said, right));
    }
}
