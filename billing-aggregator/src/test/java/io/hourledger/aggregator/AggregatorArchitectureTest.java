package io.hourledger.aggregator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class AggregatorArchitectureTest {

    private final JavaClasses module = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hourledger.aggregator");

    @Test
    void counting_needs_no_kafka_no_sql_no_spring_and_no_clock() {
        noClasses()
                .that()
                .resideInAnyPackage("..aggregator.hour..", "..aggregator.ids..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework..", "java.sql..", "javax.sql..", "org.apache.kafka..", "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(module);
    }

    @Test
    void closing_needs_no_kafka_no_sql_and_no_spring() {
        noClasses()
                .that()
                .resideInAPackage("..aggregator.closing..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "java.sql..", "javax.sql..", "org.apache.kafka..")
                .check(module);
    }

    @Test
    void only_those_who_read_or_write_a_topic_know_kafka() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..aggregator.consumer..", "..aggregator.run..", "..aggregator.journal..")
                .and()
                .doNotHaveFullyQualifiedName("io.hourledger.aggregator.recount.UsageLogReader")
                .and()
                .doNotHaveFullyQualifiedName("io.hourledger.aggregator.lag.KafkaUsageLogEnds")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(module);
    }

    @Test
    void only_the_stores_and_the_page_know_sql() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..aggregator.postgres..", "..aggregator.page..")
                .and(not(areStoresOfTheirPackage()))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.postgresql..", "org.springframework.jdbc..")
                .check(module);
    }

    private static DescribedPredicate<JavaClass> areStoresOfTheirPackage() {
        return DescribedPredicate.describe("are the stores of their package", type -> Stream.of(
                        "recount.RecordedAmendments",
                        "recount.RecordedCutoffs",
                        "recount.ClosedHours",
                        "recount.CountedPlaces",
                        "recount.SplitHours",
                        "openhour.OpenBuckets",
                        "packages.PrepaidInstances",
                        "packages.UsageAtBoundaries",
                        "silence.MeterHours",
                        "threshold.InstanceProducts",
                        "threshold.PeriodUsage",
                        "unmatched.OpenedInstances",
                        "unmatched.UnmatchedUsage",
                        "unmatched.UsageWriteOff",
                        "run.LedgerSealTask")
                .anyMatch(name -> type.getName().startsWith("io.hourledger.aggregator." + name)));
    }

    @Test
    void business_time_comes_from_the_injected_clock() {
        noClasses()
                .that()
                .doNotHaveSimpleName("Settings")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .check(module);
    }

    @Test
    void the_aggregator_knows_no_other_service() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackages(
                        "io.hourledger.ingest..",
                        "io.hourledger.pusher..",
                        "io.hourledger.simulator..",
                        "io.hourledger.standalone..")
                .check(module);
    }
}
