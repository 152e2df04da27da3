package io.hourledger.console.access;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;

/** Puts together who may see the pages. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessSettings.class)
@Import(SignInPages.class)
public class AccessConfiguration {

    @Bean
    Sessions sessions(AccessSettings settings) {
        return new Sessions(settings, System::nanoTime);
    }

    /** The first of all filters that could answer. */
    @Bean
    FilterRegistrationBean<?> signedInOnly(Sessions sessions) {
        FilterRegistrationBean<SignedInOnly> filter = new FilterRegistrationBean<>(new SignedInOnly(sessions));
        filter.addUrlPatterns("/*");
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return filter;
    }
}
