package io.hourledger.service;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Before anything of a service is built: every setting that is given is known, and every one that it needs is there. A misspelt name would
 * otherwise mean the default, with money. Settings of other services are known, too, since one file may serve all.
 */
public final class SettingsCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("hourledger");

    /** Kubernetes tells every container of a namespace of its services so; a service named hourledger is no setting. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("\\.(service\\.(host|port(\\..+)?)|port(\\[?\\.?\\d+\\]?\\.(tcp|udp|sctp)(\\.\\w+)?)?)$");

    private final String service;

    private SettingsCheck(String service) {
        this.service = service;
    }

    /**
     * @param service as the configuration table names it: ingest, aggregator, pusher or simulator
     */
    public static SettingsCheck of(String service) {
        return new SettingsCheck(service);
    }

    /** Looks when the context is refreshed: whoever starts the service may have added settings by then. */
    @Override
    public void initialize(ConfigurableApplicationContext context) {
        context.addBeanFactoryPostProcessor(beans -> check(context.getEnvironment()));
    }

    private void check(ConfigurableEnvironment environment) {
        KnownSettings known = KnownSettings.read();
        List<String> wrong = new ArrayList<>();
        for (String name : unknown(environment, known)) {
            wrong.add("there is no setting " + name
                    + known.nearest(name)
                            .map(near -> "; did you mean " + near + "?")
                            .orElse(""));
        }
        for (String name : known.requiredBy(service)) {
            if (environment.getProperty(name.replace("[]", "[0]")) == null) {
                wrong.add(name + " is not set, and the service cannot do without it");
            }
        }
        if (!wrong.isEmpty()) {
            throw new WrongSettingsException(wrong);
        }
    }

    private static Set<String> unknown(ConfigurableEnvironment environment, KnownSettings known) {
        Set<String> unknown = new TreeSet<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource names) {
                boolean variables = source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
                names.stream()
                        .filter(OURS::isAncestorOf)
                        .map(ConfigurationPropertyName::toString)
                        .filter(name -> variables ? isMisspelt(name, known) : !known.knows(name))
                        .filter(name -> !(known.isGroup(name) && isEmpty(environment, name)))
                        .forEach(unknown::add);
            }
        }
        return unknown;
    }

    /** A variable may be meant for somebody else, such as a compose file: only what nearly is a setting is a misspelt one. */
    private static boolean isMisspelt(String name, KnownSettings known) {
        return !known.knowsLetters(name)
                && !SERVICE_LINK.matcher(name).find()
                && known.nearest(name).isPresent();
    }

    private static boolean isEmpty(ConfigurableEnvironment environment, String name) {
        String value = environment.getProperty(name);
        return value == null || value.isEmpty();
    }
}
