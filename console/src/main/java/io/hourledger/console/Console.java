package io.hourledger.console;

import io.hourledger.console.access.AccessConfiguration;
import io.hourledger.console.finance.FinanceConfiguration;
import io.hourledger.console.instances.ConsoleInstancesConfiguration;
import io.hourledger.console.layout.LayoutConfiguration;
import io.hourledger.console.tonight.TonightConfiguration;
import io.hourledger.service.ServiceApplication;
import io.hourledger.service.ServiceDefaults;
import io.hourledger.service.UsesDatabase;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.thymeleaf.autoconfigure.ThymeleafAutoConfiguration;
import org.springframework.context.annotation.Import;

/** Shows finance, SREs and operators the ledger in a browser. Its sessions in PostgreSQL are read-only, so no page can change anything. */
@ServiceDefaults
@UsesDatabase
@ImportAutoConfiguration(ThymeleafAutoConfiguration.class)
@Import({
    AccessConfiguration.class,
    LayoutConfiguration.class,
    FinanceConfiguration.class,
    ConsoleInstancesConfiguration.class,
    TonightConfiguration.class
})
public class Console {

    /** Reads {@code console.yaml}; whoever starts the service adds settings or beans before it runs. */
    public static SpringApplicationBuilder application() {
        return ServiceApplication.of(Console.class, "console", "console");
    }

    public static void main(String[] arguments) {
        application().run(arguments);
    }
}
