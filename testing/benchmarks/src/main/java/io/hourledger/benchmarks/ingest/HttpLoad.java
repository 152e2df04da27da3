package io.hourledger.benchmarks.ingest;

import io.hourledger.benchmarks.report.BenchProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends prepared requests over so many connections from one thread, one request at a time on each, and times the answers. A request is
 * measured from the moment in which it was due, so a stall counts for all that it delays. Belongs to one thread.
 */
final class HttpLoad implements AutoCloseable {

    /** The rate of those who send again as soon as they are answered. */
    static final double AS_ANSWERED = 0;

    private static final int ACCEPTED = 202;
    private static final int READ_BYTES = 64 * 1024;
    private static final Duration LAST_ANSWERS_WITHIN = Duration.ofSeconds(30);

    private final InetSocketAddress address;
    private final PreparedRequests requests;
    private final Selector selector;
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
    private final int connections;
    private long sent;
    private long accepted;
    private long failed;
    private Window window = new Window(0, 0);

    HttpLoad(InetSocketAddress address, int connections, PreparedRequests requests) throws IOException {
        this.address = address;
        this.requests = requests;
        this.connections = connections;
        this.selector = Selector.open();
        for (int i = 0; i < connections; i++) {
            idle.add(new Connection());
        }
    }

    /**
     * What came of the requests that were due within the time that counts.
     *
     * @param nanos of each answer, in rising order
     * @param accepted events, of all requests
     * @param failed requests, of all
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Measured(double seconds, int eventsOfOne, long[] nanos, long accepted, long failed) {

        /** Of runs one behind the other. */
        static Measured all(List<Measured> runs) {
            return new Measured(
                    runs.stream().mapToDouble(Measured::seconds).sum(),
                    runs.getFirst().eventsOfOne(),
                    runs.stream()
                            .flatMapToLong(run -> Arrays.stream(run.nanos()))
                            .sorted()
                            .toArray(),
                    runs.stream().mapToLong(Measured::accepted).sum(),
                    runs.stream().mapToLong(Measured::failed).sum());
        }

        double requestsPerSecond() {
            return nanos.length / seconds;
        }

        double eventsPerSecond() {
            return requestsPerSecond() * eventsOfOne;
        }

        double millisOf(double share) {
            int at = (int) Math.ceil(share * nanos.length) - 1;
            return nanos.length == 0 ? Double.NaN : nanos[Math.max(0, at)] / 1e6;
        }

        /** Facts for the report. */
        Map<String, Object> facts() {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("seconds", seconds);
            facts.put("requests", nanos.length);
            facts.put("failed_requests", failed);
            facts.put("rps", requestsPerSecond());
            facts.put("eps", eventsPerSecond());
            facts.put("p50_ms", millisOf(0.5));
            facts.put("p99_ms", millisOf(0.99));
            facts.put("max_ms", millisOf(1));
            return facts;
        }
    }

    /** Sends for so long; answers that come within that time count. */
    Measured run(Duration time, double perSecond, BenchProgress progress) throws IOException {
        long start = System.nanoTime();
        long end = start + time.toNanos();
        window = new Window(start, end);
        long acceptedBefore = accepted;
        long failedBefore = failed;
        long due = start;
        long now = start;
        while (now < end) {
            if (perSecond > AS_ANSWERED) {
                while (due <= now && !idle.isEmpty()) {
                    idle.remove().begin(due);
                    due += (long) (1e9 / perSecond);
                }
                select(Math.max(1, (Math.min(due, end) - now) / 1_000_000));
            } else {
                for (int i = idle.size(); i > 0; i--) {
                    idle.remove().begin(now);
                }
                select(Math.max(1, (end - now) / 1_000_000));
            }
            now = System.nanoTime();
            progress.at((long) window.count * requests.eventsOfOne());
        }
        while (idle.size() < connections) {
            select(LAST_ANSWERS_WITHIN.toMillis());
            if (System.nanoTime() - end > LAST_ANSWERS_WITHIN.toNanos()) {
                throw new IllegalStateException((connections - idle.size()) + " requests were never answered");
            }
        }
        return new Measured(
                time.toNanos() / 1e9,
                requests.eventsOfOne(),
                window.sorted(),
                accepted - acceptedBefore,
                failed - failedBefore);
    }

    private void select(long millis) throws IOException {
        selector.select(key -> ((Connection) key.attachment()).go(), millis);
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    /** The answers within a stretch of time. */
    private static final class Window {

        private final long from;
        private final long to;
        private long[] nanos = new long[1 << 16];
        private int count;

        Window(long from, long to) {
            this.from = from;
            this.to = to;
        }

        void answered(long due, long now) {
            if (now >= from && now <= to) {
                if (count == nanos.length) {
                    nanos = Arrays.copyOf(nanos, 2 * count);
                }
                nanos[count++] = now - due;
            }
        }

        long[] sorted() {
            long[] sorted = Arrays.copyOf(nanos, count);
            Arrays.sort(sorted);
            return sorted;
        }
    }

    /** One connection with at most one request under way. */
    private final class Connection {

        private SocketChannel channel;
        private SelectionKey key;
        private HttpAnswerReader answer = new HttpAnswerReader();
        private ByteBuffer out = ByteBuffer.allocate(0);
        private long due;

        Connection() throws IOException {
            channel = connect();
            key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        private SocketChannel connect() throws IOException {
            SocketChannel fresh = SocketChannel.open(address);
            fresh.setOption(StandardSocketOptions.TCP_NODELAY, true);
            fresh.configureBlocking(false);
            return fresh;
        }

        void begin(long dueAt) throws IOException {
            due = dueAt;
            out = requests.request(sent++);
            write();
        }

        private void write() throws IOException {
            channel.write(out);
            int interest = out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
            if (key.interestOps() != interest) {
                key.interestOps(interest);
            }
        }

        void go() {
            try {
                if (key.isWritable()) {
                    write();
                }
                in.clear();
                int read = key.isReadable() ? channel.read(in) : 0;
                if (read < 0) {
                    broken();
                } else if (read > 0 && answer.read(in.flip())) {
                    answered();
                }
            } catch (IOException gone) {
                broken();
            }
        }

        private void answered() {
            if (answer.status() == ACCEPTED) {
                accepted += requests.eventsOfOne();
                window.answered(due, System.nanoTime());
            } else {
                failed++;
            }
            idle.add(this);
        }

        /** The server ended it, as it does behind a refusal; whether a request was under way or not, the next one needs another. */
        private void broken() {
            boolean underWay = !idle.contains(this);
            try {
                channel.close();
                channel = connect();
                key = channel.register(selector, SelectionKey.OP_READ, this);
                answer = new HttpAnswerReader();
            } catch (IOException unreachable) {
                throw new UncheckedIOException("the measured server is gone", unreachable);
            }
            if (underWay) {
                failed++;
                idle.add(this);
            }
        }
    }
}
