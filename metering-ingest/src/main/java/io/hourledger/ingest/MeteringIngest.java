package io.hourledger.ingest;

import io.hourledger.ingest.accept.AcceptConfiguration;
import io.hourledger.ingest.kafka.KafkaConfiguration;
import io.hourledger.ingest.token.AccessTokenConfiguration;
import io.hourledger.service.ServiceApplication;
import io.hourledger.service.ServiceDefaults;
import io.hourledger.service.UsesCatalogue;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Import;

/** Takes usage events over HTTP and answers 202 when Kafka has them. Needs Kafka and nothing else. */
@ServiceDefaults
@UsesCatalogue
@Import({AcceptConfiguration.class, AccessTokenConfiguration.class, KafkaConfiguration.class})
public class MeteringIngest {

    /** Reads {@code metering-ingest.yaml}; whoever starts the service adds settings or beans before it runs. */
    public static SpringApplicationBuilder application() {
        return ServiceApplication.of(MeteringIngest.class, "metering-ingest", "ingest");
    }

    public static void main(String[] arguments) {
        application().run(arguments);
    }
}
