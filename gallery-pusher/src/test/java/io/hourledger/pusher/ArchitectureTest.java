package io.hourledger.pusher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ArchitectureTest {

    private static final String KOOGALLERY = "io.hourledger.pusher.koogallery..";
    private static final String NOTICE = "io.hourledger.pusher.notice..";
    private static final String MARKETPLACE = "io.hourledger.pusher.marketplace..";

    private static final JavaClasses PUSHER = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hourledger.pusher");

    @Test
    void pushing_knows_no_web_no_kafka_and_no_http_client() {
        noClasses()
                .that()
                .resideInAPackage("..push..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework.web..", "jakarta.servlet..", "org.apache.kafka..", "java.net.http..")
                .check(PUSHER);
    }

    /** The two that put the adapter in; all others see the port alone. */
    @Test
    void only_the_wiring_knows_which_marketplace_it_is() {
        noClasses()
                .that()
                .resideOutsideOfPackage(KOOGALLERY)
                .and()
                .doNotBelongToAnyOf(GalleryConfiguration.class, GalleryPusher.class)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(KOOGALLERY)
                .check(PUSHER);
    }

    /** Dates are spelled with a formatter; times for people are {@link Instant}'s own text. */
    @Test
    void json_and_http_calls_stay_where_the_marketplace_or_the_app_is_spoken_to() {
        noClasses()
                .that()
                .resideOutsideOfPackages(KOOGALLERY, NOTICE, "..pusher.instances..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson..", "com.fasterxml.jackson..")
                .check(PUSHER);
        noClasses()
                .that()
                .resideOutsideOfPackages(KOOGALLERY, NOTICE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .check(PUSHER);
    }

    /** The marketplace has forms of times in its calls and in the files of its console, and nowhere else. */
    @Test
    void forms_of_times_stay_where_the_marketplace_is_read() {
        noClasses()
                .that()
                .resideOutsideOfPackages(KOOGALLERY, "..pusher.files..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.time.format..")
                .check(PUSHER);
    }

    @Test
    void the_marketplace_port_is_plain_types_of_the_domain() {
        classes()
                .that()
                .resideInAPackage(MARKETPLACE)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        MARKETPLACE,
                        "io.hourledger.contracts.marketplace",
                        "io.hourledger.contracts.usage",
                        "java.lang..",
                        "java.math",
                        "java.time",
                        "java.util..",
                        "org.jspecify.annotations")
                .check(PUSHER);
    }

    @Test
    void the_adapter_to_koogallery_knows_the_port_and_no_framework() {
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.pusher.koogallery")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.hourledger.pusher.push..",
                        "io.hourledger.pusher.order..",
                        "io.hourledger.pusher.koogallery.callback..",
                        "io.hourledger.ledger..",
                        "org.springframework..",
                        "java.sql..")
                .check(PUSHER);
    }

    @Test
    void pushing_and_orders_do_not_know_each_other() {
        noClasses()
                .that()
                .resideInAPackage("..push..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..order..", "..callback..")
                .check(PUSHER);
        noClasses()
                .that()
                .resideInAnyPackage("..order..", "..callback..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..push..")
                .check(PUSHER);
    }

    /** They follow the ledger alone: whatever changes an instance's life, and whoever pushes, they tell of it in the same way. */
    @Test
    void notices_know_neither_pushing_nor_orders_nor_the_marketplace() {
        noClasses()
                .that()
                .resideInAPackage(NOTICE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..push..", "..order..", "..files..", KOOGALLERY, MARKETPLACE)
                .check(PUSHER);
        noClasses()
                .that()
                .resideOutsideOfPackages(NOTICE, "io.hourledger.pusher")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(NOTICE)
                .check(PUSHER);
    }

    @Test
    void no_other_service_is_known() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackages(
                        "io.hourledger.ingest..",
                        "io.hourledger.aggregator..",
                        "io.hourledger.simulator..",
                        "io.hourledger.standalone..")
                .check(PUSHER);
    }

    @Test
    void nobody_asks_the_machine_for_the_time_but_through_a_clock() {
        noClasses()
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(OffsetDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(PUSHER);
        noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Configuration")
                .and()
                .resideOutsideOfPackage("io.hourledger.pusher")
                .should()
                .callMethod(Clock.class, "systemUTC")
                .check(PUSHER);
    }
}
