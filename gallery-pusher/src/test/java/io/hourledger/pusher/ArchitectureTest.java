package io.hourledger.pusher;

import org.junit.jupiter.api.Tag;
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
import org.junit.jupiter.api.Test;

@Tag("fast")
class ArchitectureTest {

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

    @Test
    void the_gallerys_json_and_http_stay_in_the_gallery_package() {
        noClasses()
                .that()
                .resideInAnyPackage("..push..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson..", "java.net.http..")
                .check(PUSHER);
    }

    @Test
    void the_gallery_package_knows_neither_pushing_nor_callbacks_nor_spring_nor_the_ledger() {
        noClasses()
                .that()
                .resideInAPackage("..koogallery..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.hourledger.pusher.push..",
                        "io.hourledger.pusher.callback..",
                        "io.hourledger.ledger..",
                        "org.springframework..",
                        "java.sql..")
                .check(PUSHER);
    }

    @Test
    void pushing_and_callbacks_do_not_know_each_other() {
        noClasses()
                .that()
                .resideInAPackage("..push..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..callback..")
                .check(PUSHER);
        noClasses()
                .that()
                .resideInAPackage("..callback..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..push..")
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
