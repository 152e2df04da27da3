package io.hourledger.service;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/** Builds a service as a process: with the settings that all services start with, and the check of its own. */
public final class ServiceApplication {

    private static final String DEFAULTS = "service-defaults.properties";

    private ServiceApplication() {}

    /**
     * A service that reads {@code <module>.yaml}. Whoever starts it adds settings or beans before it runs.
     *
     * @param service its configuration
     * @param module names its settings file, its metrics and its logs
     * @param inTable as the configuration table names it: ingest, aggregator, pusher or simulator
     */
    public static SpringApplicationBuilder of(Class<?> service, String module, String inTable) {
        return plain(service, module).initializers(SettingsCheck.of(inTable));
    }

    /** The same without the check, for a service that has no settings of its own. */
    static SpringApplicationBuilder plain(Class<?> service, String module) {
        Properties defaults = defaults();
        defaults.setProperty("spring.config.name", module);
        defaults.setProperty("spring.application.name", module);
        defaults.setProperty("management.metrics.tags.service", module);
        return new SpringApplicationBuilder(service)
                .web(WebApplicationType.SERVLET)
                .properties(defaults);
    }

    /** Known before the logging starts, unlike a {@code @PropertySource}. */
    private static Properties defaults() {
        try {
            return PropertiesLoaderUtils.loadProperties(
                    new ClassPathResource(DEFAULTS, ServiceApplication.class.getClassLoader()));
        } catch (IOException missing) {
            throw new UncheckedIOException("the build lacks " + DEFAULTS, missing);
        }
    }
}
