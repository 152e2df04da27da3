package io.hourledger.standalone.stack;

/** What lives in the stack, in the order in which it is stopped: first who takes in, last who is told. */
public enum Service {
    INGEST("metering-ingest", 8081, 9081),
    AGGREGATOR("billing-aggregator", 8082, 9082),
    PUSHER("gallery-pusher", 8083, 9083),
    CONSOLE("console", 8084, 9084),
    SIMULATOR("gallery-simulator", 8090, 8090);

    private final String title;
    private final int usualPort;
    private final int usualManagementPort;

    Service(String title, int usualPort, int usualManagementPort) {
        this.title = title;
        this.usualPort = usualPort;
        this.usualManagementPort = usualManagementPort;
    }

    /** Its module's name. */
    public String title() {
        return title;
    }

    /** Where it listens unless somebody else does. */
    public int usualPort() {
        return usualPort;
    }

    /** Where it tells its health and figures, unless somebody else listens there; its own port if it has no other. */
    int usualManagementPort() {
        return usualManagementPort;
    }

    boolean hasManagementPort() {
        return usualManagementPort != usualPort;
    }
}
