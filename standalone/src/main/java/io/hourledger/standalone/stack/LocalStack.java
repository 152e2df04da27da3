package io.hourledger.standalone.stack;

import io.hourledger.aggregator.BillingAggregator;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.AggregatorKafkaSettings;
import io.hourledger.console.Console;
import io.hourledger.embedded.BrokerPassword;
import io.hourledger.embedded.EmbeddedBroker;
import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.embedded.FreePort;
import io.hourledger.ingest.MeteringIngest;
import io.hourledger.pusher.GalleryPusher;
import io.hourledger.pusher.push.PushLoops;
import io.hourledger.simulator.GallerySimulator;
import io.hourledger.standalone.ExitCode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.BeansException;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * The running stack. Broker and database start side by side, then all services side by side; they stop in the order of {@link Service},
 * then the broker and the database under them. Nothing in a service knows that it lives here: only its settings and its clock differ.
 */
public final class LocalStack implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalStack.class);

    /** The aggregator's threads join within this time and share the partitions at once, rather than one after the other. */
    private static final Map<String, String> BROKER_SETTINGS = Map.of("group.initial.rebalance.delay.ms", "500");

    private static final Duration WORKING_WITHIN = Duration.ofSeconds(60);
    private static final long GLANCE_NANOS = Duration.ofMillis(20).toNanos();

    /** With less than that a full disk is the likely cause. */
    private static final long LITTLE_SPACE_MEGABYTES = 200;

    /** More than one of Kafka's threads may say so. */
    private static final AtomicBoolean GAVE_UP = new AtomicBoolean();

    private static final String LEDGER_DATABASE = "hourledger";
    private static final String GALLERY_DATABASE = "gallery";

    private final EmbeddedBroker broker;
    private final BrokerPassword brokerPassword;
    private final DatabaseSupervisor database;
    private final ServerSettings servers;
    private final Map<Service, ConfigurableApplicationContext> services = new EnumMap<>(Service.class);
    private final Map<Service, Integer> ports;
    private final Map<Service, Integer> managementPorts;

    private LocalStack(
            EmbeddedBroker broker,
            BrokerPassword brokerPassword,
            EmbeddedDatabase database,
            StackOptions plan,
            ServerSettings servers) {
        this.broker = broker;
        this.brokerPassword = brokerPassword;
        this.database = new DatabaseSupervisor(database, LocalStack::tell);
        this.servers = servers;
        this.ports = portsOf(plan, Service::usualPort);
        this.managementPorts = portsOf(plan, Service::usualManagementPort);
    }

    /** Builds a stack and returns when every service is ready. What was started is stopped again when a part fails. */
    public static LocalStack start(StackOptions plan) {
        return start(plan, ServerSettings.USUAL);
    }

    /** The same, on servers that take their clients in another way. */
    static LocalStack start(StackOptions plan, ServerSettings servers) {
        EmbeddedBroker.whenItGivesUp(why -> giveUp(plan.folder(), why), ExitCode.COULD_NOT_RUN);
        ExecutorService starters = Executors.newFixedThreadPool(Service.values().length);
        try {
            LocalStack stack = onGround(plan, servers, starters);
            try {
                stack.writeNotes(plan);
                stack.startServices(plan, starters);
                stack.awaitWorking();
                return stack;
            } catch (RuntimeException | Error failure) {
                stack.close();
                throw failure;
            }
        } finally {
            starters.shutdown();
        }
    }

    private static void tell(String sentence) {
        log.warn(sentence);
        System.err.println("metering: " + sentence);
    }

    private static void giveUp(Path folder, String why) {
        EmbeddedDatabase.killAll();
        if (GAVE_UP.getAndSet(true)) {
            return;
        }
        long freeMegabytes = folder.toFile().getUsableSpace() / 1_000_000;
        boolean full = freeMegabytes < LITTLE_SPACE_MEGABYTES;
        tell("Kafka has given up, and so everything stops: "
                + (full ? "the disk is full, " + freeMegabytes + " MB are free in " + folder : why)
                + ". What was accepted is on the disk: "
                + (full ? "make room, then start" : "see the log, then start")
                + " again on the same folder");
    }

    private static LocalStack onGround(StackOptions plan, ServerSettings servers, ExecutorService starters) {
        Map<String, String> brokerSettings = new HashMap<>(BROKER_SETTINGS);
        brokerSettings.putAll(servers.broker());
        CompletableFuture<EmbeddedBroker> broker = CompletableFuture.supplyAsync(
                () -> EmbeddedBroker.start(
                        plan.folder().resolve("kafka"), brokerPassword(plan.folder()), brokerSettings),
                starters);
        CompletableFuture<EmbeddedDatabase> database =
                CompletableFuture.supplyAsync(() -> databaseOf(plan, servers), starters);
        try {
            CompletableFuture.allOf(broker, database).join();
        } catch (CompletionException oneOfThem) {
            closeIfStarted(broker);
            closeIfStarted(database);
            throw unwrapped(oneOfThem);
        }
        return new LocalStack(broker.join(), brokerPassword(plan.folder()), database.join(), plan, servers);
    }

    /** The password of the broker of the stack in this folder, for whoever asks that broker; drawn if it has none. */
    public static BrokerPassword brokerPassword(Path folder) {
        return BrokerPassword.in(folder.resolve("kafka.password"));
    }

    private static EmbeddedDatabase databaseOf(StackOptions plan, ServerSettings servers) {
        EmbeddedDatabase database =
                EmbeddedDatabase.start(plan.folder().resolve("postgresql"), 0, plan.durability(), servers.database());
        database.createDatabaseIfMissing(LEDGER_DATABASE);
        database.createDatabaseIfMissing(GALLERY_DATABASE);
        return database;
    }

    private static void closeIfStarted(CompletableFuture<? extends AutoCloseable> part) {
        if (part.isCompletedExceptionally()) {
            return;
        }
        try {
            part.join().close();
        } catch (Exception whileFailing) {
            log.warn("could not stop what had been started", whileFailing);
        }
    }

    private static Map<Service, Integer> portsOf(StackOptions plan, ToIntFunction<Service> usual) {
        Map<Service, Integer> ports = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            ports.put(
                    service,
                    switch (plan.ports()) {
                        case ANY -> FreePort.any();
                        case USUAL -> FreePort.orAnother(usual.applyAsInt(service));
                    });
        }
        return ports;
    }

    /** For commands that ask the ledger while the stack runs, and afterwards. */
    private void writeNotes(StackOptions plan) {
        Map<String, Object> settings = new HashMap<>(settingsOf(Service.AGGREGATOR));
        settings.putAll(plan.settings());
        for (Service service : Service.values()) {
            settings.put(StackManifest.addressOf(service), uri(service).toString());
        }
        StackManifest.write(plan.folder(), settings);
    }

    private void startServices(StackOptions plan, ExecutorService starters) {
        List<CompletableFuture<Void>> starts = List.of(Service.values()).stream()
                .map(service -> CompletableFuture.runAsync(() -> startService(service, plan), starters))
                .toList();
        CompletableFuture<Void> all = CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new));
        try {
            all.join();
        } catch (CompletionException oneOfThem) {
            throw unwrapped(oneOfThem);
        }
    }

    private void startService(Service service, StackOptions plan) {
        Map<String, Object> settings = new HashMap<>(settingsOf(service));
        settings.putAll(plan.keys().settings());
        settings.putAll(plan.settings());
        settings.putAll(servers.clients().getOrDefault(service, Map.of()));
        settings.put("server.port", ports.get(service));
        if (service.hasManagementPort()) {
            settings.put("management.server.port", managementPorts.get(service));
            settings.put("management.server.address", "127.0.0.1");
        }
        try {
            ConfigurableApplicationContext context = applicationOf(service)
                    .registerShutdownHook(false)
                    .bannerMode(Banner.Mode.OFF)
                    .initializers(before -> {
                        before.getEnvironment()
                                .getPropertySources()
                                .addFirst(new MapPropertySource("local stack", settings));
                        ((GenericApplicationContext) before).registerBean(Clock.class, plan::clock);
                    })
                    .run();
            synchronized (services) {
                services.put(service, context);
            }
        } catch (BeansException nested) {
            throw new IllegalStateException(service.title() + " does not start: " + sentenceOf(nested), nested);
        }
    }

    /** What is wrong stands at the bottom of what Spring throws. */
    private static String sentenceOf(Throwable nested) {
        Throwable root = nested;
        String setting = "";
        while (root.getCause() != null) {
            root = root.getCause();
            if (root instanceof BindException bind && bind.getProperty() != null) {
                setting = bind.getProperty().getName() + " = "
                        + bind.getProperty().getValue() + ": ";
            }
        }
        return setting + (root.getMessage() == null ? root.toString() : root.getMessage());
    }

    /** Ready to answer is not yet at work: the aggregator must own its partitions and the pusher its accounts. */
    private void awaitWorking() {
        Aggregator aggregator = context(Service.AGGREGATOR).getBean(Aggregator.class);
        PushLoops pushing = context(Service.PUSHER).getBean(PushLoops.class);
        int partitions = context(Service.AGGREGATOR)
                .getBean(AggregatorKafkaSettings.class)
                .partitions();
        long deadline = System.nanoTime() + WORKING_WITHIN.toNanos();
        while (!(countsAll(aggregator, partitions) && pushing.status().lease().held())) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("not at work within " + WORKING_WITHIN.toSeconds() + " s: "
                        + aggregator.partitions().all() + ", " + pushing.status());
            }
            // elapsed time: how often it is looked whether the start is over
            LockSupport.parkNanos(GLANCE_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("stopped while starting");
            }
        }
    }

    private static boolean countsAll(Aggregator aggregator, int partitions) {
        return aggregator.partitions().all().stream()
                        .filter(one -> one.state() == PartitionStatus.State.COUNTING)
                        .count()
                == partitions;
    }

    private static SpringApplicationBuilder applicationOf(Service service) {
        return switch (service) {
            case INGEST -> MeteringIngest.application();
            case AGGREGATOR -> BillingAggregator.application();
            case PUSHER -> GalleryPusher.application();
            case CONSOLE -> Console.application();
            case SIMULATOR -> GallerySimulator.application();
        };
    }

    private Map<String, Object> settingsOf(Service service) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("server.address", "127.0.0.1");
        settings.put("spring.lifecycle.timeout-per-shutdown-phase", "5s");
        settings.put("hourledger.kafka.bootstrap-servers", broker.bootstrapServers());
        brokerPassword
                .clientSettings()
                .forEach((name, value) -> settings.put("hourledger.kafka.client." + name, value));
        settings.put("hourledger.kafka.create-topic", "true");
        settings.put("hourledger.kafka.replication", "1");
        settings.put("hourledger.kafka.unsafe-topic-allowed", "true");
        settings.put("hourledger.pusher.base-url", uri(Service.SIMULATOR).toString());
        // one process, always the same: after a crash it takes its lease up again at once
        settings.put("hourledger.pusher.owner", "local-stack");
        settings.put("hourledger.console.aggregator", uri(Service.AGGREGATOR).toString());
        settings.put("hourledger.console.pusher", uri(Service.PUSHER).toString());
        settings.put(
                "hourledger.simulator.callback-url",
                uri(Service.PUSHER).resolve("/callbacks/koogallery").toString());
        String database = service == Service.SIMULATOR ? GALLERY_DATABASE : LEDGER_DATABASE;
        settings.put("spring.datasource.url", this.database.database().jdbcUrl(database) + servers.databaseQuery());
        settings.put("spring.datasource.username", this.database.database().user());
        settings.put("spring.datasource.password", this.database.database().password());
        return settings;
    }

    /** Where a service listens. */
    public URI uri(Service service) {
        return URI.create("http://127.0.0.1:" + ports.get(service));
    }

    /** Where a service tells its health and figures. */
    public URI managementUri(Service service) {
        return service.hasManagementPort()
                ? URI.create("http://127.0.0.1:" + managementPorts.get(service))
                : uri(service);
    }

    /** Where everything listens, for a person; says so where a usual port was taken. */
    public String addresses() {
        return Arrays.stream(Service.values()).map(this::address).collect(Collectors.joining("\n"));
    }

    private String address(Service service) {
        boolean usual = uri(service).getPort() == service.usualPort();
        return String.format(
                Locale.ROOT,
                "  %-18s %s%s",
                service.title(),
                uri(service),
                usual ? "" : "  (port " + service.usualPort() + " is taken)");
    }

    /** The database of ledger, aggregator and pusher. */
    public DataSource dataSource() {
        return database.database().dataSource(LEDGER_DATABASE);
    }

    /** A running service. */
    public ConfigurableApplicationContext context(Service service) {
        synchronized (services) {
            ConfigurableApplicationContext context = services.get(service);
            if (context == null) {
                throw new IllegalStateException(service.title() + " does not run");
            }
            return context;
        }
    }

    @Override
    public void close() {
        for (Service service : Service.values()) {
            ConfigurableApplicationContext context;
            synchronized (services) {
                context = services.remove(service);
            }
            quietly(service.title(), context == null ? null : context::close);
        }
        quietly("kafka", broker::close);
        quietly("postgresql", database::close);
    }

    /** One part that does not stop must not keep the others running. */
    private static void quietly(String part, @Nullable Runnable stop) {
        try {
            if (stop != null) {
                stop.run();
            }
        } catch (RuntimeException failure) {
            log.atWarn().addKeyValue("part", part).setCause(failure).log("did not stop in order");
        }
    }

    private static RuntimeException unwrapped(CompletionException wrapped) {
        Throwable cause = wrapped.getCause();
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }
}
