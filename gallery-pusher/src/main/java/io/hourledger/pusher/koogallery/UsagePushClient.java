package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Usage Push (New), koogallery.md section 1: signs the body's bytes and sends exactly those. While the account has two keys, a call whose
 * signature is refused goes once more at once, the same bytes signed with the other: the marketplace looked at none of its records. The key
 * that it takes is used from then on. If the second call is not made, the records go again as after any call that was not made.
 */
public final class UsagePushClient implements UsagePushPort {

    static final String PATH = "/api/mkp-openapi-public/global/v1/isv/usage-data";

    private static final Logger LOG = LoggerFactory.getLogger(UsagePushClient.class);

    private final MarketplaceHosts hosts;
    private final SellerKeys keys;
    private final Clock machineTime;
    private volatile SellerKey inUse;

    /**
     * @param machineTime the machine's clock, for the header {@code ts}: the marketplace compares it with its own
     */
    public UsagePushClient(MarketplaceHosts hosts, SellerKeys keys, Clock machineTime) {
        this.hosts = hosts;
        this.keys = keys;
        this.inUse = keys.newest();
        this.machineTime = machineTime;
    }

    @Override
    public HttpResult push(byte[] body, long latestSendNanos) {
        SellerKey key = inUse;
        HttpResult result = push(body, latestSendNanos, key);
        Optional<SellerKey> other =
                KooGalleryAnswerReader.isWrongSignature(result) ? keys.besides(key) : Optional.empty();
        if (other.isEmpty()) {
            return result;
        }
        HttpResult again = push(body, latestSendNanos, other.get());
        if (KooGalleryAnswerReader.hasTakenSignature(again)) {
            inUse = other.get();
            LOG.atInfo()
                    .addKeyValue("key", other.get() == keys.newest() ? "newest" : "before")
                    .log("the marketplace takes the other key of the account; calls are signed with it");
        }
        return again;
    }

    private HttpResult push(byte[] body, long latestSendNanos, SellerKey key) {
        return hosts.send(base -> request(base, body, key), latestSendNanos);
    }

    private HttpRequest request(URI base, byte[] body, SellerKey key) {
        String ts = Long.toString(machineTime.millis());
        String nonce = UUID.randomUUID().toString();
        return HttpRequest.newBuilder(base.resolve(PATH))
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("ts", ts)
                .header("nonce", nonce)
                .header("signature", key.pushSignature(ts, nonce, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }
}
