package io.hourledger.benchmarks.process;

import io.hourledger.aggregator.BillingAggregator;
import io.hourledger.ingest.MeteringIngest;
import io.hourledger.pusher.GalleryPusher;
import io.hourledger.simulator.GallerySimulator;
import java.util.Arrays;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** One service of the stack, as production starts it, in a JVM of its own. Says its port when it is up. */
public final class ServiceProcess {

    private ServiceProcess() {}

    /** Takes the service's name and Spring's settings. */
    public static void main(String[] arguments) {
        SpringApplicationBuilder application =
                switch (arguments[0]) {
                    case "metering-ingest" -> MeteringIngest.application();
                    case "billing-aggregator" -> BillingAggregator.application();
                    case "gallery-pusher" -> GalleryPusher.application();
                    case "gallery-simulator" -> GallerySimulator.application();
                    default -> throw new IllegalArgumentException("there is no service " + arguments[0]);
                };
        ConfigurableApplicationContext service = application.run(Arrays.copyOfRange(arguments, 1, arguments.length));
        Parent.whenItEnds(service::close);
        Parent.ready(String.valueOf(service.getEnvironment().getProperty("local.server.port")));
    }
}
