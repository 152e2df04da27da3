package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.util.UUID;

/** Usage Push (New), koogallery.md section 1: signs the body's bytes and sends exactly those. */
public final class UsagePushClient implements UsagePushPort {

    static final String PATH = "/api/mkp-openapi-public/global/v1/isv/usage-data";

    private final MarketplaceHosts hosts;
    private final SellerKey key;
    private final Clock machineTime;

    /**
     * @param machineTime the machine's clock, for the header {@code ts}: the marketplace compares it with its own
     */
    public UsagePushClient(MarketplaceHosts hosts, SellerKey key, Clock machineTime) {
        this.hosts = hosts;
        this.key = key;
        this.machineTime = machineTime;
    }

    @Override
    public HttpResult push(byte[] body, long latestSendNanos) {
        return hosts.send(base -> request(base, body), latestSendNanos);
    }

    private HttpRequest request(URI base, byte[] body) {
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
