package io.hourledger.standalone.house;

import io.hourledger.aggregator.BillingAggregator;
import io.hourledger.ingest.MeteringIngest;
import io.hourledger.pusher.GalleryPusher;
import io.hourledger.simulator.GallerySimulator;
import java.util.function.Supplier;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** What lives in the house, in the order in which it is stopped: first who takes in, last who is told. */
public enum Service {
    INGEST("metering-ingest", 8081, MeteringIngest::application),
    AGGREGATOR("billing-aggregator", 8082, BillingAggregator::application),
    PUSHER("gallery-pusher", 8083, GalleryPusher::application),
    SIMULATOR("gallery-simulator", 8084, GallerySimulator::application);

    private final String title;
    private final int usualPort;
    private final Supplier<SpringApplicationBuilder> application;

    Service(String title, int usualPort, Supplier<SpringApplicationBuilder> application) {
        this.title = title;
        this.usualPort = usualPort;
        this.application = application;
    }

    /** Its module's name. */
    public String title() {
        return title;
    }

    /** Where it listens unless somebody else does. */
    public int usualPort() {
        return usualPort;
    }

    SpringApplicationBuilder application() {
        return application.get();
    }
}
