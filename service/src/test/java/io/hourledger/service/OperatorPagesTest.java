package io.hourledger.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A service with nothing but one page for an operator. */
@Tag("servers")
class OperatorPagesTest {

    private static ServletWebServerApplicationContext service;

    @ServiceDefaults
    @Import(Page.class)
    static class OnePage {

        @Bean
        FilterRegistrationBean<?> operatorOnly(RequiredSettings settings) {
            return OperatorPages.closed(settings, "/operator/*");
        }
    }

    @RestController
    static class Page {

        @GetMapping("/operator/secret")
        String secret() {
            return "seen";
        }
    }

    @BeforeAll
    static void start() {
        service = (ServletWebServerApplicationContext) ServiceApplication.plain(OnePage.class, "none")
                .properties("server.port=0", "hourledger.operator-token=let-me-in")
                .run();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void who_sends_the_token_sees_the_page() throws Exception {
        assertThat(get("/operator/secret", "Bearer let-me-in").body()).isEqualTo("seen");
    }

    @Test
    void everybody_else_is_told_what_to_send() throws Exception {
        for (String wrong : new String[] {null, "Bearer let-me", "Basic let-me-in", "Bearer let-me-in2"}) {
            HttpResponse<String> answer = get("/operator/secret", wrong);
            assertThat(answer.statusCode()).as(wrong).isEqualTo(401);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            assertThat(answer.body()).contains("operator-token-required").doesNotContain("seen");
        }
    }

    @Test
    void a_service_answers_for_its_health_without_a_token_and_starts_no_database() throws Exception {
        assertThat(get("/actuator/health", null).body()).contains("UP");
        assertThat(service.getBeanNamesForType(javax.sql.DataSource.class)).isEmpty();
    }

    private static HttpResponse<String> get(String path, @Nullable String authorization) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + service.getWebServer().getPort() + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
    }
}
