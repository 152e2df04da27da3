package io.hourledger.ingest.token;

import io.hourledger.ingest.accept.AccessTokens;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Access tokens, if the settings name an issuer. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AccessTokenSettings.class, ClaimSettings.class})
public class AccessTokenConfiguration {

    @Bean
    AccessTokens accessTokens(AccessTokenSettings settings, ClaimSettings claims, MeterRegistry registry) {
        @Nullable JwtAccessTokens tokens = settings.areTaken() ? new JwtAccessTokens(settings, claims, Clock.systemUTC()) : null;
        // NaN without an issuer: a rule over a figure that nobody publishes would never fire, and nobody would notice
        Gauge.builder("usage.issuer.keys", () -> tokens == null ? Double.NaN : tokens.keyCount())
                .description("keys of the issuer of access tokens that are known, 0 if none were read yet")
                .register(registry);
        Gauge.builder("usage.issuer.keys.age", () -> tokens == null ? Double.NaN : tokens.secondsSinceKeysWereRead())
                .description("time since the keys of the issuer of access tokens were read")
                .baseUnit("seconds")
                .register(registry);
        return tokens == null ? AccessTokens.NONE : tokens;
    }
}
