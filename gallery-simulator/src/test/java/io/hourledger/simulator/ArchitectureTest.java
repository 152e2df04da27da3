package io.hourledger.simulator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the simulator may lean on. */
@Tag("fast")
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hourledger.simulator");

    @Test
    void the_simulator_knows_no_other_service_and_not_the_ledger() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.hourledger.pusher..",
                        "io.hourledger.ledger..",
                        "io.hourledger.ingest..",
                        "io.hourledger.aggregator..",
                        "io.hourledger.standalone..",
                        "io.hourledger.embedded..")
                .check(CLASSES);
    }

    @Test
    void signatures_are_plain_java() {
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.simulator.signing")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "io.hourledger.simulator.signing", "java..", "javax.crypto..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void the_rules_of_a_record_know_neither_http_nor_the_database() {
        noClasses()
                .that()
                .haveSimpleNameStartingWith("RecordRules")
                .or()
                .haveSimpleNameStartingWith("PushBody")
                .or()
                .haveSimpleNameStartingWith("KnownInstance")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "java.sql..", "jakarta.servlet..")
                .check(CLASSES);
    }

    @Test
    void nobody_asks_the_machine_for_the_time_behind_a_clocks_back() {
        noClasses().should().callMethod(Instant.class, "now").check(CLASSES);
        noClasses().should().callMethod(System.class, "currentTimeMillis").check(CLASSES);
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage("io.hourledger.simulator.console", "io.hourledger.simulator.signing")
                .should()
                .callMethod(Clock.class, "systemUTC")
                .check(CLASSES);
    }
}
