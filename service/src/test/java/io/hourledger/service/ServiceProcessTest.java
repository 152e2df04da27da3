package io.hourledger.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** What every service shows of itself, and on which of its two ports. */
@Tag("servers")
class ServiceProcessTest {

    private static ConfigurableApplicationContext service;

    @ServiceDefaults
    static class NothingOfItsOwn {}

    @BeforeAll
    static void start() {
        service = ServiceApplication.plain(NothingOfItsOwn.class, "a-service")
                .properties("server.port=0", "management.server.port=0")
                .run();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void its_own_port_says_only_whether_it_lives_and_is_ready() throws Exception {
        assertThat(own("/livez").body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(own("/readyz").body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(own("/actuator/health").statusCode()).isEqualTo(404);
        assertThat(own("/actuator/prometheus").statusCode()).isEqualTo(404);
    }

    @Test
    void the_management_port_tells_health_which_build_it_is_and_figures() throws Exception {
        assertThat(management("/actuator/health").body()).contains("\"components\"");
        assertThat(management("/actuator/info").body()).contains("\"version\":\"0.", "\"commit\":");
        assertThat(management("/actuator/env").statusCode()).isEqualTo(404);
        assertThat(own("/not-there").statusCode()).isEqualTo(404);
        assertThat(management("/actuator/prometheus").body())
                .contains("hourledger_build_info{commit=")
                .contains("http_server_requests_seconds_count{")
                .contains("jvm_memory_used_bytes{")
                .contains("logback_events_total{")
                .contains("tomcat_connections_current_connections{")
                .contains("service=\"a-service\"");
    }

    private static HttpResponse<String> own(String path) throws Exception {
        return get("local.server.port", path);
    }

    private static HttpResponse<String> management(String path) throws Exception {
        return get("local.management.port", path);
    }

    private static HttpResponse<String> get(String port, String path) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + service.getEnvironment().getProperty(port) + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString(UTF_8));
    }
}
