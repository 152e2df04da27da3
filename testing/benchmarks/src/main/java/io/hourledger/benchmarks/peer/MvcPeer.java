package io.hourledger.benchmarks.peer;

import io.hourledger.benchmarks.process.Parent;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.support.SendResult;
import org.springframework.kafka.support.serializer.JacksonJsonSerializer;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * Peer (b) of ingest: the Spring MVC controller that most people would write. It reads events with Jackson, sends them with a KafkaTemplate,
 * and answers when Kafka has acknowledged all. Neither key, nor time, nor meter is checked.
 */
public final class MvcPeer {

    private MvcPeer() {}

    /** Takes Spring's settings; says its port when it is up. */
    public static void main(String[] arguments) {
        ConfigurableApplicationContext service = new SpringApplicationBuilder(Application.class).run(arguments);
        Parent.whenItEnds(service::close);
        Parent.ready(String.valueOf(service.getEnvironment().getProperty("local.server.port")));
    }

    /** The application. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @Import(UsageController.class)
    @ImportAutoConfiguration({
        ConfigurationPropertiesAutoConfiguration.class,
        LifecycleAutoConfiguration.class,
        PropertyPlaceholderAutoConfiguration.class,
        JacksonAutoConfiguration.class,
        HttpMessageConvertersAutoConfiguration.class,
        TomcatServletWebServerAutoConfiguration.class,
        DispatcherServletAutoConfiguration.class,
        WebMvcAutoConfiguration.class,
        ErrorMvcAutoConfiguration.class
    })
    static class Application {

        /** With the settings of ours. */
        @Bean
        KafkaTemplate<String, Event> kafkaTemplate(@Value("${peer.bootstrap-servers}") String bootstrapServers) {
            Map<String, Object> settings = new HashMap<>(ProducerLimit.producerSettings(bootstrapServers));
            settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
            settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, JacksonJsonSerializer.class);
            settings.put(JacksonJsonSerializer.ADD_TYPE_INFO_HEADERS, false);
            return new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(settings));
        }
    }

    /** An event in CloudEvents' structured form. */
    record Event(
            String specversion,
            String id,
            String source,
            String type,
            String subject,
            Instant time,
            @Nullable String datacontenttype,
            Map<String, Object> data) {

        Event {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(source, "source");
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(time, "time");
        }
    }

    /** What is answered. */
    record Accepted(int accepted) {}

    /** Takes usage events. */
    @RestController
    static class UsageController {

        private final KafkaTemplate<String, Event> kafka;
        private final String topic;

        UsageController(KafkaTemplate<String, Event> kafka, @Value("${peer.topic}") String topic) {
            this.kafka = kafka;
            this.topic = topic;
        }

        @PostMapping(path = "/v1/usage-events", consumes = "application/cloudevents+json")
        ResponseEntity<Accepted> one(@RequestBody Event event) {
            send(event).join();
            return ResponseEntity.accepted().body(new Accepted(1));
        }

        @PostMapping(path = "/v1/usage-events", consumes = "application/cloudevents-batch+json")
        ResponseEntity<Accepted> batch(@RequestBody List<Event> events) {
            CompletableFuture.allOf(events.stream().map(this::send).toArray(CompletableFuture[]::new))
                    .join();
            return ResponseEntity.accepted().body(new Accepted(events.size()));
        }

        private CompletableFuture<SendResult<String, Event>> send(Event event) {
            return kafka.send(topic, event.subject(), event);
        }
    }
}
