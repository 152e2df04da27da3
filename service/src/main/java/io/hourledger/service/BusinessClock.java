package io.hourledger.service;

import io.hourledger.contracts.time.FastClock;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Business time: the machine's, unless the settings or whoever starts this service say otherwise. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(BusinessClock.Settings.class)
class BusinessClock {

    @Bean
    @ConditionalOnMissingBean
    Clock clock(Settings settings) {
        return settings.clock();
    }

    /**
     * Either nothing, or all three of a {@link FastClock}.
     *
     * @param anchor the machine time at which business time is {@code origin}
     * @param origin where business time starts
     * @param speed business seconds in one second of the machine
     */
    @ConfigurationProperties("hourledger.clock")
    record Settings(@Nullable Instant anchor, @Nullable Instant origin, @Nullable Double speed) {

        Clock clock() {
            if (anchor == null && origin == null && speed == null) {
                return Clock.systemUTC();
            }
            if (anchor == null || origin == null || speed == null) {
                throw new IllegalArgumentException(
                        "hourledger.clock needs all of anchor, origin and speed, or none of them for the machine's time");
            }
            return new FastClock(Clock.systemUTC(), anchor, origin, speed);
        }
    }
}
