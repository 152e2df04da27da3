package io.hourledger.cli.ledger;

import io.hourledger.standalone.stack.StackManifest;
import io.hourledger.standalone.stack.StackSecrets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import picocli.CommandLine.Option;

/**
 * The settings under which the services work: told on the command line, else as the stack in {@code --data-dir} was started, else by
 * environment variables, as the services read them.
 */
public final class CliServiceSettings {

    private static final String DIGEST_KEY = "hourledger.ledger.digest-key";

    @Option(
            names = "--digest-key",
            paramLabel = "KEY",
            defaultValue = "${env:METERING_LEDGER_DIGEST_KEY}",
            description = "the key of the digests, as hourledger.ledger.digest-key has it (default:"
                    + " $METERING_LEDGER_DIGEST_KEY, else that of the stack in --data-dir, else"
                    + " $HOURLEDGER_LEDGER_DIGESTKEY)")
    private @Nullable String digestKey;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "a setting of the configuration table as the services have it, such as"
                    + " hourledger.aggregator.id-key=…; may be given often (default: as the stack in --data-dir"
                    + " was started, else the environment, as the services read it)")
    private Map<String, Object> told = new LinkedHashMap<>();

    @Option(
            names = "--secrets",
            paramLabel = "DIR",
            defaultValue = "${env:METERING_SECRETS}",
            description = "a folder with a file for each secret, whose name is the setting, such as"
                    + " hourledger.aggregator.id-key (default: $METERING_SECRETS)")
    private @Nullable Path secrets;

    /** The first that says something counts. */
    ConfigurableEnvironment of(Optional<Path> stack, Map<String, Object> first) {
        Map<String, Object> all = new LinkedHashMap<>();
        stack.ifPresent(folder -> {
            StackSecrets.existing(folder).ifPresent(keys -> {
                all.put(DIGEST_KEY, keys.digestKey());
                all.put("hourledger.aggregator.id-key", keys.idKey());
            });
            all.putAll(StackManifest.settings(folder));
        });
        all.putAll(told);
        if (digestKey != null && !digestKey.isBlank()) {
            all.put(DIGEST_KEY, digestKey);
        }
        all.putAll(first);
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("ledger command", all));
        if (secrets != null) {
            environment
                    .getPropertySources()
                    .addLast(new ConfigTreePropertySource(
                            "secrets", secrets, ConfigTreePropertySource.Option.AUTO_TRIM_TRAILING_NEW_LINE));
        }
        ConfigurationPropertySources.attach(environment);
        return environment;
    }

    <T> T bind(Optional<Path> stack, Map<String, Object> first, String prefix, Class<T> type) {
        return Binder.get(of(stack, first)).bindOrCreate(prefix, type);
    }

    /** Null if there is none. */
    @Nullable String digestKey(Optional<Path> stack) {
        return of(stack, Map.of()).getProperty(DIGEST_KEY);
    }
}
