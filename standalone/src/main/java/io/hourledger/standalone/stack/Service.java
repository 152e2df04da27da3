package io.hourledger.standalone.stack;

/** What lives in the stack, in the order in which it is stopped: first who takes in, last who is told. */
public enum Service {
    INGEST("metering-ingest", 8081),
    AGGREGATOR("billing-aggregator", 8082),
    PUSHER("gallery-pusher", 8083),
    SIMULATOR("gallery-simulator", 8090);

    private final String title;
    private final int usualPort;

    Service(String title, int usualPort) {
        this.title = title;
        this.usualPort = usualPort;
    }

    /** Its module's name. */
    public String title() {
        return title;
    }

    /** Where it listens unless somebody else does. */
    public int usualPort() {
        return usualPort;
    }
}
