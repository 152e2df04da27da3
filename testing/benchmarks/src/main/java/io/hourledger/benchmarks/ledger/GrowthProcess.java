package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.process.Parent;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.seal.FileSeals;
import io.hourledger.ledger.seal.LedgerSealer;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.seal.SealSigner;
import io.hourledger.ledger.statement.MonthComparison;
import io.hourledger.ledger.statement.Statement;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.pusher.PusherSchema;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Lays months of history down by the ledger itself, with projections, digests and signed seals, and measures after the second month and after
 * the last: what each table and index takes, how long closing an hour takes, the statement of the newest month, and the check of its events. The
 * second is the first month that is verified from a stored point on.
 */
public final class GrowthProcess implements AutoCloseable {

    private static final YearMonth FIRST_MONTH = YearMonth.from(HistoryWriter.BEGAN.atOffset(ZoneOffset.UTC));
    private static final int FIRST_LOOK = 2;
    private static final SealSigner SIGNER = new SealSigner("00".repeat(31) + "01");
    private static final int WRITERS = 2;
    private static final int BATCH = 500;
    private static final int HOURS_A_DAY = 24;
    private static final int DAYS_TO_LEARN_THE_RATE = 3;
    private static final int CLOSES = 9;
    private static final int READINGS = 3;

    /** As much as the marketplace answers to one call. */
    private static final byte[] ANSWER =
            "{\"result_code\":\"000000\",\"result_msg\":\"success\"}".getBytes(StandardCharsets.US_ASCII);

    /** The row that the pusher leaves behind for a call: stored before it is sent, with its answer, and settled. */
    private static final String ATTEMPT =
            """
            insert into pusher.attempt (account, epoch, business_at, metering_sns, body_digest)
            values ('bench', 1, now(), ?, sha256('a body'))
            returning id""";

    private static final String ANSWERED =
            "update pusher.attempt set answer = 'http', status = 200, answer_body = ?, answered_at = now(), sent_place = id where id = ?";

    private static final String SETTLED = "update pusher.attempt set settled_at = now() where id = ?";

    private final LedgerInProcess stack;
    private final HistoryWriter history;
    private final LaidClock clock = new LaidClock();
    private final FileSeals seals;
    private final LedgerSealer sealer;
    private final LedgerProjections projections;
    private final ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
    private final List<List<InstanceId>> batches = new ArrayList<>();
    private final int instances;
    private int nextHour;

    /** Business time of the history that is being laid down. */
    private static final class LaidClock extends Clock {
        private volatile Instant now = HistoryWriter.BEGAN;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private GrowthProcess(LedgerInProcess stack, Path sealsFile, int instances) {
        this.instances = instances;
        this.stack = stack;
        this.history = new HistoryWriter(stack.ledger());
        this.seals = new FileSeals(sealsFile);
        this.sealer = new LedgerSealer(
                stack.jdbc(),
                stack.bean(PostgresLedgerFeed.class),
                new EventDigests(CloseLoad.DIGEST_KEY),
                seals,
                clock,
                SIGNER);
        this.projections = stack.bean(LedgerProjections.class);
        projections.start();
        // it seals when it is told to: business time runs fast here
        sealer.start(Duration.ofDays(1));
        open();
    }

    /** Takes the database's address, user and password, how many instances, how many months (0 to learn the rate), the file for the seals. */
    public static void main(String[] arguments) throws ExecutionException, InterruptedException {
        int instances = Integer.parseInt(arguments[3]);
        int months = Integer.parseInt(arguments[4]);
        Parent.whenItEnds(() -> {});
        try (LedgerInProcess stack = new LedgerInProcess(arguments[0], arguments[1], arguments[2])) {
            PusherSchema.migrate(stack.dataSource());
            try (GrowthProcess growth = new GrowthProcess(stack, Path.of(arguments[5]), instances)) {
                Parent.result(months == 0 ? growth.rate() : growth.measure(months));
            }
        }
    }

    private Map<String, Object> measure(int months) throws ExecutionException, InterruptedException {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("instances", instances);
        double laying = 0;
        for (int month = 1; month <= months; month++) {
            long startedAt = System.nanoTime();
            layDownUntil(FIRST_MONTH
                    .plusMonths(month)
                    .atDay(1)
                    .atStartOfDay(ZoneOffset.UTC)
                    .toInstant());
            laying += (System.nanoTime() - startedAt) / 1e9;
            if (month == Math.min(FIRST_LOOK, months)) {
                result.put("first_look", look(month));
            }
            if (month == months) {
                result.put("last_look", month == FIRST_LOOK ? result.get("first_look") : look(month));
            }
        }
        result.put("laid_down_in_s", laying);
        return result;
    }

    /** Of the last of some days: the first warm the program up. */
    private Map<String, Object> rate() throws ExecutionException, InterruptedException {
        double seconds = 0;
        for (int day = 1; day <= DAYS_TO_LEARN_THE_RATE; day++) {
            long startedAt = System.nanoTime();
            layDownUntil(HistoryWriter.begin(day * HOURS_A_DAY));
            seconds = (System.nanoTime() - startedAt) / 1e9;
        }
        return Map.of("rate", instances * HOURS_A_DAY / seconds);
    }

    private void open() {
        // 36 characters, as the marketplace's are
        List<InstanceId> ids = IntStream.range(0, instances)
                .mapToObj(number -> new InstanceId("%08x-b1a5-4c00-9d00-%012x".formatted(number * 0x9E3779B1, number)))
                .toList();
        for (int first = 0; first < instances; first += BATCH) {
            List<InstanceId> batch = ids.subList(first, Math.min(first + BATCH, instances));
            history.open(batch, HistoryWriter.BEGAN);
            batches.add(batch);
        }
    }

    /** All instances close one hour before any closes the next, as they do in production. */
    private void layDownUntil(Instant end) throws ExecutionException, InterruptedException {
        while (HistoryWriter.begin(nextHour).isBefore(end)) {
            int hour = nextHour++;
            clock.now = HistoryWriter.begin(hour + 1);
            inParallel(batch -> attempt(history.meterAndReport(batch, hour, 1)));
            sealer.seal();
            Parent.progress((long) nextHour * instances);
        }
        await(projections::caughtUp);
        await(sealer::caughtUp);
        sealer.seal();
    }

    private interface Work {
        void on(List<InstanceId> batch);
    }

    private void inParallel(Work work) throws ExecutionException, InterruptedException {
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (List<InstanceId> batch : batches) {
            tasks.add(() -> {
                work.on(batch);
                return true;
            });
        }
        for (Future<Boolean> one : writers.invokeAll(tasks)) {
            one.get();
        }
    }

    private void attempt(List<String> records) {
        Long id = stack.jdbc().queryForObject(ATTEMPT, Long.class, (Object) records.toArray(String[]::new));
        stack.jdbc().update(ANSWERED, ANSWER, id);
        stack.jdbc().update(SETTLED, id);
    }

    /** The statement and the verification come first: the hours that are closed here belong to the next month. */
    private Map<String, Object> look(int month) throws ExecutionException, InterruptedException {
        stack.jdbc().execute("vacuum analyze");
        stack.jdbc().execute("checkpoint");
        Map<String, Object> look = new LinkedHashMap<>();
        look.put("instance_hours", (long) nextHour * instances);
        look.putAll(new TableSizes(stack.jdbc()).perInstanceHour((long) nextHour * instances));
        YearMonth newest = FIRST_MONTH.plusMonths(month - 1L);
        double[] statement = new double[READINGS];
        double[] verify = new double[READINGS];
        for (int reading = 0; reading < READINGS; reading++) {
            statement[reading] = seconds(() -> statement(newest, look));
            verify[reading] = seconds(() -> verify(newest, look));
        }
        look.put("statement_s", statement);
        look.put("verify_s", verify);
        double[] close = new double[CLOSES];
        for (int turn = 0; turn < CLOSES; turn++) {
            int hour = nextHour++;
            clock.now = HistoryWriter.begin(hour + 1);
            for (List<InstanceId> batch : batches) {
                close[turn] += history.close(batch, hour) / 1e9;
            }
        }
        look.put("close_s", close);
        look.put("statement_median_s", median(statement));
        look.put("verify_median_s", median(verify));
        look.put("close_median_s", median(close));
        return look;
    }

    private void statement(YearMonth month, Map<String, Object> look) {
        long[] lines = {0};
        PlatformTransactionManager transactions = stack.bean(PlatformTransactionManager.class);
        Statement.Scope scope = new Statement.Scope(null, null, month);
        Statement statement = new Statement(stack.jdbc(), transactions);
        long[] differing = {0};
        statement.together(() -> {
            statement.sums(scope, Statement.Grouping.BUYER_AND_METER, sum -> lines[0]++);
            statement.lines(scope, line -> lines[0]++);
            return new MonthComparison(stack.jdbc(), transactions).differences(scope, one -> differing[0]++);
        });
        look.put("statement_lines", lines[0]);
        look.put("amounts_that_differ", differing[0]);
    }

    private void verify(YearMonth month, Map<String, Object> look) {
        LedgerVerifier.Report report = new LedgerVerifier(
                        stack.jdbc(),
                        stack.bean(PlatformTransactionManager.class),
                        new EventDigests(CloseLoad.DIGEST_KEY))
                .verifyMonth(seals.all(), SIGNER.key(), month, events -> {});
        look.put("verified_events", report.events() - report.passedOver());
        look.put("findings", report.findings().size());
    }

    private static double seconds(Runnable work) {
        long startedAt = System.nanoTime();
        work.run();
        return (System.nanoTime() - startedAt) / 1e9;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Elapsed time: a look ten times a second. */
    private static void await(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    @Override
    public void close() {
        sealer.close();
        writers.shutdownNow();
    }
}
