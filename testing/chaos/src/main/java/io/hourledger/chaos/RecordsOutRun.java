package io.hourledger.chaos;

import io.hourledger.chaos.LedgerReader.Records;
import io.hourledger.contracts.usage.UsageHour;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** One run of {@code --records-out}: hours are metered, and every bad day of two marketplaces comes while pushers die. */
final class RecordsOutRun {

    /** An hour takes a minute. */
    private static final double SPEED = 60;

    /** Business time: when the hour is metered, as after its grace. */
    private static final Duration METERED_AFTER = Duration.ofMinutes(2);

    private static final Duration BACK_WITHIN = Duration.ofSeconds(60);
    private static final Duration SETTLED_WITHIN = Duration.ofMinutes(3);

    /** One of the three pushers is always there. */
    private static final int MOST_DOWN = 2;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final ChaosPlan plan;
    private final PrintWriter console;
    private final Map<UsageHour, Instant> meteredAt = new TreeMap<>();

    RecordsOutRun(ChaosPlan plan, PrintWriter console) {
        this.plan = plan;
        this.console = console;
    }

    /** A marketplace, and the instances that were opened by it. */
    private record Site(String account, GalleryControl control, List<LoadInstance> instances, HourMeter meter) {}

    /** Runs, writes the figures, and says whether everything agrees. */
    boolean run() throws IOException, InterruptedException {
        ChaosClock clock = ChaosClock.startingNow(SPEED);
        Clock business = clock.clock();
        try (ChaosStack stack = new ChaosStack(plan.run(), clock, new RecordsOutStack())) {
            tell(
                    "starting broker, database, 3 pushers and the simulators of 2 marketplaces, each a process of its own");
            stack.start();
            String digestKey = stack.keys().digestKey();
            try (HourMeter first = new HourMeter(stack.dataSource(), digestKey, plan.seed());
                    HourMeter second = new HourMeter(stack.dataSource(), digestKey, ~plan.seed())) {
                List<Site> sites = List.of(
                        site(stack, StackPart.SIMULATOR, "default", first),
                        site(stack, StackPart.SIMULATOR_2, RecordsOutStack.SECOND_ACCOUNT, second));
                UsageHour hour = new UsageHour(UsageHour.of(business.instant()).end());
                awaitBusiness(business, clock, hour.start());
                return underFaults(stack, sites, clock, hour);
            }
        } catch (SQLException broken) {
            throw new IOException("the ledger cannot be read: " + broken.getMessage(), broken);
        }
    }

    private Site site(ChaosStack stack, StackPart part, String account, HourMeter meter)
            throws IOException, InterruptedException {
        GalleryControl control =
                new GalleryControl(stack.uri(part), stack.keys().operatorToken());
        return new Site(account, control, control.open("records-" + account, plan.buyers()), meter);
    }

    private boolean underFaults(ChaosStack stack, List<Site> sites, ChaosClock clock, UsageHour first)
            throws IOException, InterruptedException, SQLException {
        tell(sites.getFirst().instances().size() + " instances at each marketplace; every hour for "
                + plan.length().toSeconds() + " s, a minute each");
        Elapsed elapsed = Elapsed.fromNow();
        try (FaultInjector injector = new FaultInjector(stack.parts(), elapsed, MOST_DOWN)) {
            injector.follow(Schedule.ofPushers(plan.seed(), plan.length()), plan.length());
            for (Site site : sites) {
                site.control().startScript(plan.seed() + site.account().length(), plan.length());
            }
            meterHours(sites, clock, first, elapsed);
            elapsed.await(plan.length());
            List<JsonNode> scripts = new ArrayList<>();
            for (Site site : sites) {
                scripts.add(site.control().stopScript());
            }
            boolean allBack = injector.awaitQuiet(BACK_WITHIN);
            LedgerReader reader = new LedgerReader(stack.dataSource());
            boolean settled = Elapsed.awaitThat(() -> isSettled(reader), SETTLED_WITHIN);
            return assess(sites, scripts, reader, clock.clock().instant(), injector.happened(), settled, allBack);
        }
    }

    private void meterHours(List<Site> sites, ChaosClock clock, UsageHour first, Elapsed elapsed)
            throws InterruptedException {
        Clock business = clock.clock();
        UsageHour hour = first;
        // what ends later could not be late before the run is over
        Duration lastAfter = plan.length().minus(clock.elapsed(Duration.ofMinutes(20)));
        while (elapsed.now()
                        .plus(clock.elapsed(Duration.between(business.instant(), hour.end())))
                        .compareTo(lastAfter)
                < 0) {
            awaitBusiness(business, clock, hour.end().plus(METERED_AFTER));
            for (Site site : sites) {
                site.meter().meter(site.instances(), hour, business.instant());
            }
            meteredAt.put(hour, business.instant());
            tell("  " + Math.round(ChaosRun.seconds(elapsed.now())) + " s  hour " + hour + " is metered");
            hour = new UsageHour(hour.end());
        }
    }

    private static void awaitBusiness(Clock business, ChaosClock clock, Instant moment) throws InterruptedException {
        Elapsed.pause(clock.elapsed(Duration.between(business.instant(), moment)));
    }

    private static boolean isSettled(LedgerReader reader) {
        try {
            return reader.records().inFlight() == 0;
        } catch (SQLException notNow) {
            return false;
        }
    }

    private boolean assess(
            List<Site> sites,
            List<JsonNode> scripts,
            LedgerReader reader,
            Instant now,
            List<ChaosEvent> happened,
            boolean settled,
            boolean allBack)
            throws IOException, InterruptedException, SQLException {
        Map<String, HourAmounts> truth = new HashMap<>();
        List<MarketplaceRecords> marketplaces = new ArrayList<>();
        Map<String, Object> bySite = new LinkedHashMap<>();
        long aboveCeiling = 0;
        for (int i = 0; i < sites.size(); i++) {
            Site site = sites.get(i);
            JsonNode statistics = site.control().statistics();
            MarketplaceRecords marketplace =
                    MarketplaceRecords.read(site.account(), site.control().usageRecords(), scripts.get(i), now);
            truth.put(site.account(), site.meter().truth());
            marketplaces.add(marketplace);
            aboveCeiling += statistics.path("rate").path("violations").asLong();
            bySite.put(
                    site.account(),
                    figures(
                            marketplace,
                            statistics,
                            scripts.get(i).path("switches").asInt()));
        }
        Records records = reader.records();
        RecordsOutVerdict verdict = RecordsOutVerdict.of(new RecordsOutVerdict.Run(
                truth, reader.metered(), meteredAt, marketplaces, records, settled, aboveCeiling));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("good", verdict.good());
        all.put("wrong", verdict.wrong());
        all.put("seed", plan.seed());
        all.put("minutes", plan.length().toSeconds() / 60.0);
        all.put("clock_speed", SPEED);
        all.put("hours", meteredAt.size());
        all.put("records", records.all());
        all.put("records_reported", records.reported());
        all.put("lost", verdict.lost());
        all.put("twice", verdict.twice());
        all.put("unclear", records.unknown());
        all.put("every_fresh_hour_in_time", verdict.fresh().everyOneInTime());
        all.put("fresh_hours", verdict.fresh().all());
        all.put("fresh_hours_in_time", verdict.fresh().inTime());
        all.put("fresh_hours_marketplace_down", verdict.fresh().excused());
        all.put("late_hours", verdict.fresh().late());
        all.put("every_switch_thrown", marketplaces.stream().allMatch(one -> one.notThrown()
                .isEmpty()));
        all.put("calls_above_ceiling", aboveCeiling);
        for (KillMode manner : List.of(KillMode.KILL, KillMode.FREEZE, KillMode.RESTART)) {
            all.put(
                    "pushers_" + manner.word(),
                    happened.stream()
                            .filter(one -> one.manner().equals(manner.word()))
                            .count());
        }
        all.put("pushers_all_back", allBack);
        all.put("accounts", bySite);
        Files.createDirectories(
                Objects.requireNonNull(plan.out().toAbsolutePath().getParent()));
        Files.writeString(plan.out(), JSON.writeValueAsString(all) + "\n");
        all.remove("accounts");
        all.forEach((name, value) -> tell(String.format(java.util.Locale.ROOT, "  %-26s %s", name, value)));
        return verdict.good();
    }

    private static Map<String, Object> figures(MarketplaceRecords marketplace, JsonNode statistics, int switches) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("calls", statistics.path("calls").path("total").asLong());
        figures.put("records_taken", marketplace.taken().events());
        figures.put("records_seen_again", marketplace.seenAgain());
        figures.put("records_rejected_later", marketplace.rejectedLater());
        figures.put(
                "retry_after_violations",
                statistics.path("rate").path("retryAfterViolations").asLong());
        Map<String, Long> hits = marketplace.hits();
        figures.put("switches", switches);
        figures.put("switches_thrown", switches - marketplace.notThrown().size());
        figures.put("switches_not_thrown", marketplace.notThrown());
        figures.put("hits", hits);
        return figures;
    }

    private void tell(String line) {
        console.println(line);
        console.flush();
    }
}
