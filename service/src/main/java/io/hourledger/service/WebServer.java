package io.hourledger.service;

import java.time.Duration;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardHost;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.filter.FormContentFilter;

/** Makes the web server give no thread and little time to slow clients. What the settings say under {@code server.tomcat} goes first. */
@Configuration(proxyBeanMethods = false)
class WebServer {

    private static final Duration BETWEEN_TWO_READS = Duration.ofSeconds(10);
    private static final Duration BETWEEN_TWO_REQUESTS = Duration.ofSeconds(20);

    @Bean
    RequestBodies requestBodies() {
        return new RequestBodies();
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> slowClientsHoldNoThread() {
        return new SlowClientsHoldNoThread();
    }

    /** Else the body of every PUT, PATCH and DELETE that calls itself a form is read before anybody asks who sent it. */
    @Bean
    FilterRegistrationBean<FormContentFilter> formsAreNotRead(FormContentFilter filter) {
        FilterRegistrationBean<FormContentFilter> registration = new FilterRegistrationBean<>(filter);
        registration.setEnabled(false);
        return registration;
    }

    /** Comes before the customizers that read the settings. */
    private static final class SlowClientsHoldNoThread
            implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, Ordered {

        @Override
        public void customize(TomcatServletWebServerFactory server) {
            server.setProtocol(BoundedHttpProtocol.class.getName());
            server.addEngineValves(new UnreadBodyValve());
            server.addConnectorCustomizers(SlowClientsHoldNoThread::customize);
            server.addContextCustomizers(context ->
                    ((StandardHost) context.getParent()).setErrorReportValveClass(ProblemReportValve.class.getName()));
        }

        private static void customize(Connector connector) {
            AbstractHttp11Protocol<?> http = (AbstractHttp11Protocol<?>) connector.getProtocolHandler();
            http.setConnectionTimeout(Math.toIntExact(BETWEEN_TWO_READS.toMillis()));
            http.setKeepAliveTimeout(Math.toIntExact(BETWEEN_TWO_REQUESTS.toMillis()));
            http.setContinueResponseTiming("onRead");
        }

        @Override
        public int getOrder() {
            return -1;
        }
    }
}
