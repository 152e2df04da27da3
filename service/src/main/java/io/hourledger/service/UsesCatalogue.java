package io.hourledger.service;

import io.hourledger.contracts.usage.Catalogue;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The service knows meters and products: it gets the {@link Catalogue} of {@code hourledger.catalogue}, and does not start without. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Import(UsesCatalogue.SharedCatalogue.class)
public @interface UsesCatalogue {

    /** Read once, at the start. */
    @Configuration(proxyBeanMethods = false)
    class SharedCatalogue {

        @Bean
        Catalogue catalogue(RequiredSettings settings) {
            return settings.readCatalogue();
        }
    }
}
