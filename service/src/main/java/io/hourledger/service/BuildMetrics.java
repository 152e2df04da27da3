package io.hourledger.service;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Tells which build runs, as a metric: so a board shows a roll-out, and a change of figures beside a change of the build. */
@Configuration(proxyBeanMethods = false)
class BuildMetrics {

    @Bean
    MeterBinder buildInfo(BuildProperties build) {
        String commit = build.get("commit");
        return registry -> Gauge.builder("hourledger.build.info", () -> 1)
                .description("always 1; version and commit of the build stand in its tags")
                .tag("version", String.valueOf(build.getVersion()))
                .tag("commit", commit == null ? "unknown" : commit)
                .register(registry);
    }
}
