package io.hourledger.ingest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ArchitectureTest {

    private static final JavaClasses INGEST = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hourledger.ingest");

    @Test
    void only_the_kafka_package_knows_kafka() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.hourledger.ingest.kafka")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(INGEST);
    }

    @Test
    void only_the_token_package_knows_the_form_of_tokens() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.hourledger.ingest.token")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.nimbusds..")
                .check(INGEST);
    }

    @Test
    void accepting_does_not_know_where_the_log_is() {
        noClasses()
                .that()
                .resideInAPackage("io.hourledger.ingest.accept")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.hourledger.ingest.kafka")
                .check(INGEST);
    }

    @Test
    void checking_and_handing_over_know_neither_http_nor_spring() {
        noClasses()
                .that()
                .haveSimpleNameStartingWith("UsageChecks")
                .or()
                .haveSimpleNameStartingWith("UsageIntake")
                .or()
                .haveSimpleNameStartingWith("UsageLog")
                .or()
                .haveSimpleNameStartingWith("PendingAnswers")
                .or()
                .haveSimpleNameStartingWith("Slices")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "jakarta.servlet..")
                .check(INGEST);
    }

    @Test
    void ingest_needs_kafka_and_nothing_else_of_the_house() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..",
                        "javax.sql..",
                        "org.axonframework..",
                        "io.hourledger.ledger..",
                        "io.hourledger.aggregator..",
                        "io.hourledger.pusher..",
                        "io.hourledger.simulator..")
                .check(INGEST);
    }

    @Test
    void business_time_comes_from_the_clock() {
        noClasses()
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(INGEST);
    }

    @Test
    void only_what_others_need_is_public() {
        classes()
                .that()
                .arePublic()
                .and()
                .areTopLevelClasses()
                .should()
                .haveNameMatching(
                        ".*\\.(MeteringIngest|AcceptConfiguration|AcceptSettings|UsageLog|ItemAnswer|EventReaderSource|ApiKeySource|AccessTokens|AccessTokenConfiguration|KafkaConfiguration|IngestKafkaSettings)")
                .check(INGEST);
    }
}
