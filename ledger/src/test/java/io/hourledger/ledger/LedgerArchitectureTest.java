package io.hourledger.ledger;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.hourledger.ledger.instance.Instance;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class LedgerArchitectureTest {

    private final JavaClasses module = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hourledger");

    @Test
    void deciding_needs_no_spring_no_sql_no_kafka() {
        noClasses()
                .that()
                .resideInAPackage("..ledger.instance..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework..", "java.sql..", "javax.sql..", "org.apache.kafka..", "tools.jackson..")
                .check(module);
    }

    @Test
    void only_the_aggregate_knows_axon_in_the_domain() {
        noClasses()
                .that()
                .resideInAPackage("..ledger.instance..")
                .and()
                .doNotBelongToAnyOf(Instance.class)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.axonframework..")
                .check(module);
    }

    @Test
    void no_one_asks_the_machine_for_business_time() {
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.ledger..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .check(module);
    }

    @Test
    void the_ledger_knows_no_service() {
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.ledger..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.hourledger.ingest..",
                        "io.hourledger.aggregator..",
                        "io.hourledger.pusher..",
                        "io.hourledger.simulator..",
                        "io.hourledger.standalone..")
                .check(module);
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.ledger..")
                .and()
                .resideOutsideOfPackage("io.hourledger.ledger.journal..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(module);
    }

    @Test
    void packages_form_no_circle() {
        com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices()
                .matching("io.hourledger.ledger.(*)..")
                .should()
                .beFreeOfCycles()
                .check(module);
    }
}
