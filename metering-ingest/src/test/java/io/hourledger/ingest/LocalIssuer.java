package io.hourledger.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.List;

/** The seller's own issuer of access tokens: its keys are where OpenID Connect's discovery says. */
public final class LocalIssuer implements AutoCloseable {

    public static final String AUDIENCE = "hourledger";

    private final HttpServer server;
    private volatile List<RSAKey> published;
    private volatile boolean isAway;

    private LocalIssuer(HttpServer server, RSAKey key) {
        this.server = server;
        this.published = List.of(key);
    }

    public static LocalIssuer start(RSAKey key) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        LocalIssuer issuer = new LocalIssuer(server, key);
        server.createContext(
                "/.well-known/openid-configuration",
                exchange -> issuer.answer(
                        exchange,
                        "{\"issuer\":\"" + issuer.name() + "\",\"jwks_uri\":\"" + issuer.name() + "/keys\"}"));
        server.createContext("/keys", exchange -> issuer.answer(exchange, issuer.keys()));
        server.start();
        return issuer;
    }

    public static RSAKey key(String id) throws JOSEException {
        return new RSAKeyGenerator(2048).keyID(id).generate();
    }

    public String name() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What its endpoint of keys answers. */
    public String keys() {
        return new JWKSet(List.copyOf(published)).toString(true);
    }

    public void publish(RSAKey... keys) {
        published = List.of(keys);
    }

    /** Answers nothing useful until it is told otherwise. */
    public void goAway(boolean away) {
        isAway = away;
    }

    private void answer(HttpExchange exchange, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        if (isAway) {
            exchange.sendResponseHeaders(503, -1);
        } else {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    /** What a token for the shop says; a test changes what it is about. */
    public JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(name())
                .audience(AUDIENCE)
                .subject("shop-eu")
                .expirationTime(inMinutes(5))
                .claim("usage_sources", "/shop");
    }

    /** By the clock that the running service reads. */
    public static Date inMinutes(long minutes) {
        return Date.from(Clock.systemUTC().instant().plus(Duration.ofMinutes(minutes)));
    }

    public static String signed(RSAKey key, JWTClaimsSet.Builder claims) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims.build());
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
